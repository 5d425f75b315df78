"""Model report: one screen of what is known about a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from penstock.core.metric import label, performance_id
from penstock.core.names import Points, check_name
from penstock.core.tile import Content, Facts, Figure, Heading, Part, Table, Tile, content, notice, number
from penstock.kinds.tiles import _curves

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext
    from penstock.core.model import ModelVersion


class ModelReportTile(Tile):
    """One screen of a model's report: of its active version, whichever that is, or of one version for good.

    Example:
        type: model_report
        model: late_arrival
        screen: importance
    """

    LABEL: ClassVar[str] = "Model report"

    model: Annotated[str, AfterValidator(check_name), Points("other", ("model",))] = Field(
        description="The model."
    )
    screen: Literal[
        "summary", "scores", "importance", "confusion", "roc", "precision recall", "calibration", "lift", "density",
        "decision", "errors", "scatter",
    ] = Field(default="summary", description="Which part of the report.")  # fmt: skip
    version: str = Field(default="", description="Id of a version; the active one when left out.")

    def about(self, ctx: TileContext) -> str:
        return self.model if self.screen == "summary" else f"{_curves.name(self.screen)} of {self.model}"

    def data(self, ctx: TileContext) -> Content:
        version, report = ctx.version(self.model, self.version)
        return content(*self._parts(version, report), as_of=version.created_at, badge=version.name)

    def _parts(self, version: ModelVersion, report: Mapping[str, Any]) -> tuple[Part, ...]:
        match self.screen:
            case "summary":
                return _summary(version)
            case "scores":
                return (scores({performance_id(code): value for code, value in version.metrics.items()}),)
            case "importance":
                return _importance(report)
        return (_curves.part(report.get("curves"), self.screen, version.threshold),)


def _summary(version: ModelVersion) -> tuple[Part, ...]:
    main = version.metrics.get(version.main_metric)
    figure = Figure(
        label=label(performance_id(version.main_metric)), value=number(main) or "–",
        says=f"on {version.test_rows:,} test rows" if version.test_rows else "",
    )  # fmt: skip
    rows = [
        ("algorithm", version.algorithm),
        ("target", version.target),
        ("trained", number(version.created_at)),
    ]
    rows += [("train rows", number(version.train_rows)), ("features", number(version.features))]
    rows += [("diagnostics", number(len(version.diagnostics)))] if version.diagnostics else []
    return figure, Facts(rows=tuple(rows))


def _importance(report: Mapping[str, Any]) -> tuple[Part, ...]:
    found = report.get("importances") or {}
    weights = found.get("shapley") or found.get("permutation") or {}
    if not weights:
        return notice(found.get("note") or "No importance was computed for this version.").parts
    return (_curves.importance(weights, "How much each feature counts, by Shapley values."),)


def scores(metrics: Mapping[str, float]) -> Table:
    """Metrics as a table, by the name people see."""
    heads = (Heading(name="metric", title="metric"), Heading(name="value", title="value", align="right"))
    return Table(columns=heads, rows=tuple((label(id), number(float(v))) for id, v in metrics.items()))
