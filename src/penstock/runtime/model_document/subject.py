"""The version that is documented, and everything that is asked of it, each thing once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.design import Design
from penstock.core.document import Chart, Picture, Source
from penstock.core.errors import PenstockError
from penstock.core.forecasting import ForecastDesign
from penstock.runtime import model_reports, training

if TYPE_CHECKING:
    from penstock.core.model import ModelVersion, SavedModel
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.runtime.model_reports import VersionReport
    from penstock.runtime.performance import Performance, Scored

TYPES = {
    "binary": "Two-class classification", "multiclass": "Multiclass classification", "regression": "Regression",
    "forecast": "Forecast of series in time",
}  # fmt: skip
IMPORTED = "Not known: the version was imported, and what it was made of stayed where it was trained."


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One version, as it was when it was trained: its own design, scores and charts, never today's."""

    node: Node
    project: Project
    name: str
    report: VersionReport
    by: str = ""
    file: str = ""
    remembered: dict[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict)

    @property
    def version(self) -> ModelVersion:
        return self.report.version

    @property
    def model(self) -> SavedModel:
        return self.project.model(self.name)

    @property
    def title(self) -> str:
        return self.model.title or self.name

    @property
    def detail(self) -> Mapping[str, Any]:
        return self.report.detail

    @property
    def performance(self) -> Performance:
        return self.report.performance

    @property
    def kind(self) -> str:
        return self.version.prediction_type

    @cached_property
    def written(self) -> Mapping[str, Any]:
        """The design as the version keeps it; empty for an imported one."""
        return self.detail.get("design") or {}

    @cached_property
    def design(self) -> Design | None:
        """The same with its defaults; None for an imported version, for one of an unknown format, and for one that
        continues series in time."""
        try:
            return registry.validate(Design, self.written) if self.written else None
        except PenstockError:
            return None

    @cached_property
    def forecast(self) -> ForecastDesign | None:
        """The design of a version that continues series in time; None of every other."""
        try:
            return registry.validate(ForecastDesign, self.written) if self.kind == "forecast" else None
        except PenstockError:
            return None

    @property
    def why_not(self) -> str:
        """Why there is no design."""
        if self.kind == "forecast":
            return "It does not apply: this model continues series in time."
        return IMPORTED if self.version.origin != "trained" else "Not known: the version kept no design."

    @property
    def source(self) -> Source:
        v = self.version
        return Source(object=f"model:{self.name}", version=v.id, hash=v.fingerprint)

    @property
    def scores(self) -> Sequence[Scored]:
        return self.performance.scores

    @property
    def main(self) -> Scored | None:
        return next((s for s in self.scores if s.main), None)

    @property
    def positive(self) -> str:
        return self.version.classes[-1] if self.version.classes and self.kind == "binary" else ""

    @property
    def sets(self) -> Mapping[str, Any]:
        """Its curves, as charts take them."""
        return {self.version.name: self.performance.curves}

    def chart(
        self, of: str, facts: Mapping[str, Any], caption: str, *, words: str = "", width: float = 1.0
    ) -> Picture:
        return Picture(
            drawn=Chart(of, facts),
            caption=caption,
            words=words or caption,
            width=width,
            name=f"{self.name}-{of}",
        )

    def curve(self, of: str, caption: str, *, width: float = 0.8) -> Picture | None:
        """A chart of the curves; None where they were not computed."""
        part = {"roc": "by_class", "precision-recall": "by_class", "calibration": "by_class",
                "density": "by_class", "gain": "lift", "lift": "lift"}.get(of, of)  # fmt: skip
        if not self.performance.curves.get(part):
            return None
        return self.chart(of, {"sets": self.sets}, caption, width=width)

    def dependence(self, feature: str) -> Mapping[str, Any]:
        """How the prediction moves with a feature. Raises NotFound."""
        return self._asked("dependence", feature, ask=lambda: training.partial_dependence(
            self.node, self.project.key, self.name, feature, version=self.version.id,
        ))  # fmt: skip

    def explanations(self, rows: int = 2) -> Mapping[str, Any]:
        """The lowest and the highest predictions."""
        return self._asked("explanations", str(rows), ask=lambda: training.explanations(
            self.node, self.project.key, self.name, rows=rows, version=self.version.id,
        ))  # fmt: skip

    def subpopulations(self, column: str) -> Mapping[str, Any]:
        return self._asked("subpopulations", column, ask=lambda: training.subpopulations(
            self.node, self.project.key, self.name, column, version=self.version.id,
        ))  # fmt: skip

    def fairness(self) -> Mapping[str, Any] | None:
        """The fairness report its design asks for; None when it asks for none."""
        asked = self.design.fairness if self.design else None
        if asked is None or self.kind != "binary" or not self.report.is_explained:
            return None
        return self._asked("fairness", asked.column, ask=lambda: training.fairness(
            self.node, self.project.key, self.name, asked.column, asked.reference, positive=asked.positive,
            version=self.version.id,
        ))  # fmt: skip

    def _asked(self, *key: str, ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        if key not in self.remembered:
            self.remembered[key] = ask()
        return self.remembered[key]


def subject(
    node: Node, project: str, model: str, version: str = "", *, by: str = "", file: str = ""
) -> Subject:
    """The version to document, the active one without an id. Raises NotFound, NoActiveVersion."""
    loaded = node.projects.load(project)
    found = model_reports.version(node, project, model, version)
    return Subject(node=node, project=loaded, name=model, report=found, by=by, file=file)
