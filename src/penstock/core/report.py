"""Reports: what a run found out, as reporters show it, and what became of each reporter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from penstock.core import labels
from penstock.core.bounds import Range
from penstock.core.comparison import Difference
from penstock.core.drift_report import DriftReport
from penstock.core.evaluation import Evaluation
from penstock.core.outcome import Outcome, Verdict

NO_BASE_URL = "no link: an administrator has to set base_url"
"""Stands in a message where a link would be, when the node does not know its own address."""
LINKS = frozenset({"scenarioRunURL", "dssURL"})
"""Variables that need the node's base URL."""
NO_BASE_URL_HINT = (
    "scenarioRunURL has no value: this node does not know the address people reach it under. An administrator sets "
    "base_url in config.yaml of the home, or PENSTOCK_BASE_URL."
)


def run_url(base_url: str, project: str, scenario: str, run: str) -> str:
    """The address of a run's page; empty without the node's base URL."""
    if not base_url:
        return ""
    return f"{base_url.rstrip('/')}/projects/{quote(project)}/scenarios/{quote(scenario)}/runs/{quote(run)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One check that a step of the run made: what it saw, what it allows, what it said."""

    step: str
    item: str
    """The object that was judged, as `NAME`, or `PROJECT.NAME` of another project."""
    name: str
    verdict: Verdict
    evaluation: str = ""
    """The name of the evaluation that was judged; empty for what is no evaluation store."""
    observed: str = ""
    limits: str = ""
    """`warns above 0.6, fails above 0.7`; empty for demands that are no range."""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something of a run that went less than well."""

    outcome: Outcome
    """WARNING or FAILED (or ABORTED)."""
    step: str
    text: str

    def __str__(self) -> str:
        return f"{self.outcome} · {self.step}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value of a metric; `lower` and `upper` bound it where an interval is known."""

    at: datetime
    value: float
    name: str = ""
    lower: float | None = None
    upper: float | None = None
    version: str = ""
    """The model version that was evaluated, as people call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A line a check draws: beyond it, the verdict."""

    value: float
    verdict: Verdict
    above: bool = True
    """Whether it is above the line that the verdict holds, or below."""

    def broken_by(self, number: float) -> bool:
        """The line itself is still good."""
        return number > self.value if self.above else number < self.value

    def __str__(self) -> str:
        verb = "fails" if self.verdict is Verdict.ERROR else "warns"
        return f"{verb} {'above' if self.above else 'below'} {self.value:g}"


def limits_of(demand: Any) -> Iterator[Limit]:
    """The bounds of a check that are in use, soft ones first; none of a demand that is no range."""
    for verdict, low, high in reversed(demand.limits() if isinstance(demand, Range) else ()):
        for bound, above in ((low, False), (high, True)):
            if bound.enabled:
                yield Limit(value=float(bound.value), verdict=verdict, above=above)


def by_name(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """One point a name and model version, as long as these tell the points apart: a month that was evaluated again has
    the value of its newest evaluation, and one of another version a point of its own. Months, days and quarters stand
    in their own order, other names in that of their first evaluation. Points without names, or that nearly all share
    one, stay as they are."""
    newest = {(p.name, p.version): p for p in points}
    names = {p.name for p in points}
    if "" in names or len(names) == 1 or 2 * len(newest) < len(points):
        return points
    kept = tuple(newest.values())
    return tuple(sorted(kept, key=lambda p: p.name)) if labels.are_periods(names) else kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How one metric of one object went over the last evaluations, with the limits its checks draw."""

    item: str
    metric_id: str
    label: str
    points: tuple[Point, ...]
    limits: tuple[Limit, ...] = ()
    neutral: float | None = None
    """The value that means nothing happened: 0.5 of Data Drift."""

    @property
    def versions(self) -> tuple[str, ...]:
        """The model versions that were evaluated, the one evaluated last at the end."""
        return tuple(dict.fromkeys(p.version for p in reversed(self.in_time)))[::-1]

    @property
    def in_time(self) -> tuple[Point, ...]:
        """The points as they were measured, the newest at the end."""
        return tuple(sorted(self.points, key=lambda point: point.at))

    @property
    def named(self) -> bool:
        """Whether names, with the versions, tell the points apart."""
        return all(p.name for p in self.points) and len({(p.name, p.version) for p in self.points}) == len(
            self.points
        )

    @property
    def newest(self) -> Point:
        """The point measured last; it stands before the end when an earlier month was measured again."""
        return max(self.points, key=lambda point: point.at)

    def broken_at(self, point: Point) -> Limit | None:
        """The limit a point breaks, a hard one before a soft one; None when it keeps them all."""
        broken = [limit for limit in self.limits if limit.broken_by(point.value)]
        return next(
            (limit for limit in broken if limit.verdict is Verdict.ERROR), broken[0] if broken else None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationView:
    """One evaluation, as a page about it shows it."""

    evaluation: Evaluation
    compared_with: str
    """The reference, in words."""
    drift: DriftReport | None
    no_drift: str
    """Why there is no drift; empty when there is."""
    differences: tuple[Difference, ...]
    """Performance beside the reference's."""
    course: Course | None


State = Literal["sent", "not asked for", "off", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of one reporter in one run. Nothing in it ever changes the run's outcome."""

    name: str
    type: str
    on: str
    state: State
    why: str
    """A sentence: `sent to 2 recipients`, `stepOutcome_A == 'WARNING' is not true`, or what went wrong."""
    notes: tuple[str, ...] = ()
    """What is worth knowing although it was sent: a name without value, an attachment that could not be made."""
    at: str = ""
    """ISO instant it was settled."""
    seconds: float = 0.0

    @property
    def sent(self) -> bool:
        return self.state == "sent"

    def to_mapping(self) -> dict[str, Any]:
        """Plain values, as the run keeps them."""
        return {**asdict(self), "notes": list(self.notes), "sent": self.sent}


def settled(reports: Any, name: str, on: str) -> bool:
    """Whether a reporter is already settled among the reports a run keeps."""
    return any(isinstance(r, Mapping) and r.get("name") == name and r.get("on") == on for r in reports)
