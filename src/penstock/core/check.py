"""Checks, and what they said when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.errors import did_you_mean
from penstock.core.kind import Kind
from penstock.core.metric import DATA_DRIFT, ObjectKey, Origin, label
from penstock.core.outcome import Verdict

if TYPE_CHECKING:
    from penstock.core.contexts import CheckContext


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check (or data-quality rule) said at one moment."""

    key: ObjectKey
    check_id: str
    check_name: str
    check_type: str
    verdict: Verdict
    message: str
    computed_at: datetime
    metric_id: str = ""
    observed: str = ""
    origin: Origin = "manual"
    run_id: str = ""
    evaluation_id: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and its sentence, before anybody stores it."""

    verdict: Verdict
    message: str = ""
    observed: str = ""


class Check(Kind):
    """A demand on a metric: it reads the latest stored value and judges it; it computes nothing.

    `judge(ctx)`: `ctx.value(metric_id)` is the latest MetricValue or None; `ctx.last_values()` all of them by id.
    """

    FAMILY: ClassVar[str] = "checks"

    id: str = Field(default="", description="Stays when the name changes, so that history does not fork.")
    name: str = Field(description="Shown everywhere; any text, such as `Data Drift < 0.7`.")
    enabled: bool = Field(default=True, description="Off: not judged and not counted.")
    on_build: bool = Field(default=False, description="Judge after every build; ERROR then fails the build.")

    @property
    def key(self) -> str:
        """What history is kept under: the id, or the name when none was given."""
        return self.id or self.name

    def judge(self, ctx: CheckContext) -> Judgement:
        raise NotImplementedError


def no_value(metric_id: str, ctx: CheckContext) -> Judgement:
    """EMPTY, with the nearest metric there is, for a metric that was never computed."""
    return Judgement(
        Verdict.EMPTY, f"no value of {label(metric_id)} yet.{did_you_mean(metric_id, ctx.last_values())}"
    )


def said(answer: Any) -> Judgement:
    """What a person's function returned, `outcome` or `(outcome, message)`, as a judgement."""
    outcome, message = answer if isinstance(answer, (list, tuple)) and len(answer) == 2 else (answer, "")
    if outcome not in list(Verdict):
        words = ", ".join(Verdict)
        return Judgement(Verdict.ERROR, f"process() returned {answer!r}; it must return one of {words}.")
    return Judgement(Verdict(outcome), str(message))


def suggested(metric_id: str) -> dict[str, Any]:
    """A first check on a metric, to be edited. Data Drift is 0.5 without drift, so its limits lie above that."""
    if metric_id == DATA_DRIFT:
        limits = {"name": "Data Drift < 0.7", "metric": metric_id, "soft_maximum": 0.6, "maximum": 0.7}
        return {"type": "numeric_range", **limits}
    return {"type": "numeric_range", "name": label(metric_id), "metric": metric_id}
