"""Evaluation stores, evaluations, and Distance, the base of what drift is measured with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core import metric
from penstock.core.counting import counted
from penstock.core.dataset import Observed
from penstock.core.errors import InvalidName
from penstock.core.kind import Kind
from penstock.core.score import ModelTask

if TYPE_CHECKING:
    from penstock.core.drift_report import DistanceResult


class Distance(Kind):
    """How far the current values of one column are from the reference values, as a test, an index or a distance.

    `between(reference, current)` receives two column profiles of ml/profile.py of one sort – sorted values, or
    counts by category; missing counts – and returns a `DistanceResult`. What does not apply is None, never NaN.
    """

    FAMILY: ClassVar[str] = "distances"
    LABEL: ClassVar[str] = ""
    SERVES: ClassVar[frozenset[str]] = frozenset({"numerical", "categorical"})

    confidence_level: float = Field(
        default=0.95, gt=0.5, lt=1, description="Width of the interval around the effect."
    )

    def between(self, reference: Any, current: Any) -> DistanceResult:
        raise NotImplementedError


class EvaluationStore(Observed):
    """Where evaluations of models are kept, one row a run; a Flow object that recipes write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One evaluation: the header that lists show. Curves, drift and the sample lie in the blob `detail`.

    Readable for ever: nothing in it needs the model version or the dataset to exist still.
    """

    project: str
    store: str
    id: str
    name: str
    created_at: datetime
    prediction_type: ModelTask | None
    model: str = ""
    version: str = ""
    dataset: str = ""
    rows: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    """metric id → value; a metric that was not computed is absent."""
    diagnostics: tuple[Mapping[str, str], ...] = ()
    """{"type": …, "message": …} each."""
    main_metric: str = ""
    job: str = ""
    detail: str = ""
    """Blob hash of the JSON with performance curves, drift report, settings, model parameters."""
    sample: str = ""
    """Blob hash of the Parquet with the stored drift sample."""

    @property
    def full_id(self) -> str:
        return f"ME-{self.project}-{self.store}-{self.id}"

    def __repr__(self) -> str:
        told = "" if self.main_metric not in self.metrics else f", {_main(self.main_metric, self.metrics)}"
        return f"Evaluation({self.project}.{self.store} {self.id}: {self.name}, {counted(self.rows, 'row')}{told})"


def _main(id: str, metrics: Mapping[str, float]) -> str:
    return f"{metric.label(id)} {metrics[id]:.4g}"


def check_evaluation_id(text: str) -> str:
    """The id itself, or InvalidName. An empty text passes: it stands for a fresh random id."""
    if text and not re.fullmatch(r"[a-z0-9_]{1,100}", text):
        raise InvalidName(
            f"'{text}' cannot be the id of an evaluation.",
            hint="Use a-z, 0-9 and _ only, or leave it empty for a random one.",
        )
    return text
