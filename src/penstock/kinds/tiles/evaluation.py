"""Evaluation: one screen of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from penstock.core.metric import headline_ids, label
from penstock.core.names import Points, check_name
from penstock.core.report import EvaluationView
from penstock.core.tile import (
    Axis,
    Content,
    Facts,
    Figure,
    Heading,
    Part,
    Plot,
    Table,
    Tile,
    content,
    notice,
    number,
)
from penstock.kinds.tiles import _curves

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext
    from penstock.core.drift_report import ColumnDrift


class EvaluationTile(Tile):
    """One screen of an evaluation: of the newest one of a store, whichever that is, or of one for good. The screen
    `drift risk` shows which features drift and count in the model: the top right corner is the danger.

    Example:
        type: evaluation
        store: mes_for_input_drift
        screen: drifted columns
    """

    LABEL: ClassVar[str] = "Evaluation"

    store: Annotated[str, AfterValidator(check_name), Points("other", ("evaluation_store",))] = Field(
        description="The evaluation store."
    )
    screen: Literal[
        "summary", "metrics", "input drift", "drifted columns", "drift risk", "prediction drift", "performance drift",
        "confusion", "roc", "precision recall", "calibration", "lift", "density", "decision", "errors", "scatter",
    ] = Field(default="summary", description="Which part of the evaluation.")  # fmt: skip
    evaluation: str = Field(default="", description="Its id; the newest one when left out.")

    def about(self, ctx: TileContext) -> str:
        return self.store if self.screen == "summary" else f"{_curves.name(self.screen)}, {self.store}"

    def data(self, ctx: TileContext) -> Content:
        if self.screen in _curves.CURVES:
            evaluation, detail = ctx.evaluation_detail(self.store, self.evaluation)
            curves = (detail.get("performance") or {}).get("curves")
            threshold = (detail.get("task") or {}).get("threshold")
            part = _curves.part(curves, self.screen, threshold)
            return content(part, as_of=evaluation.created_at, badge=evaluation.name)
        view = ctx.evaluation(self.store, self.evaluation)
        return content(
            *_PARTS[self.screen](view), as_of=view.evaluation.created_at, badge=view.evaluation.name
        )


def _summary(view: EvaluationView) -> tuple[Part, ...]:
    e, score = view.evaluation, view.drift.score if view.drift else None
    main = e.main_metric if e.main_metric in e.metrics else next(iter(headline_ids(e.metrics)), "")
    figures = [Figure(label=label(main), value=number(e.metrics[main]))] if main else []
    if score and score.score is not None and "DATA_DRIFT" not in main:
        figures.append(Figure(label="Data Drift", value=number(score.score), says=score.verdict))
    rows = [("rows", number(e.rows)), ("dataset", e.dataset), ("compared with", view.compared_with)]
    return (*figures, Facts(rows=tuple((n, v) for n, v in rows if v)))


def _metrics(view: EvaluationView) -> tuple[Part, ...]:
    heads = (Heading(name="metric", title="metric"), Heading(name="value", title="value", align="right"))
    ids = [i for i in view.evaluation.metrics if not i.startswith("univariate:")]
    return (Table(columns=heads, rows=tuple((label(i), number(view.evaluation.metrics[i])) for i in ids)),)


def _input_drift(view: EvaluationView) -> tuple[Part, ...]:
    score = view.drift.score if view.drift else None
    if score is None or score.score is None:
        return _none(view)
    interval = f"{number(score.lower)} to {number(score.upper)}" if score.lower is not None else ""
    figure = Figure(label="Data Drift", value=number(score.score), says=score.verdict)
    p = score.p_value
    rows = [("95 % interval" if score.confidence_level == 0.95 else "interval", interval)]
    rows += [("p-value", "< 0.00001" if p is not None and p < 1e-5 else number(p)), ("no drift", "0.5")]
    rows += [("compared with", view.compared_with)]
    return figure, Facts(rows=tuple(rows))


def _columns(view: EvaluationView) -> tuple[Part, ...]:
    if view.drift is None or view.drift.univariate is None:
        return _none(view)
    ranked = view.drift.univariate.ranked()
    heads = (
        Heading(name="column", title="column"), Heading(name="verdict", title="verdict"),
        Heading(name="p", title="p, corrected", align="right"), Heading(name="psi", title="PSI", align="right"),
    )  # fmt: skip
    return (Table(columns=heads, rows=tuple(_column(c) for c in ranked)),)


def _column(column: ColumnDrift) -> tuple[str | None, ...]:
    test = column.test()
    p = test.corrected_p if test else None
    shown = None if p is None else "< 0.0001" if p < 1e-4 else f"{p:.4f}"
    psi = column.psi()
    return column.column, column.verdict or column.reason, shown, None if psi is None else f"{psi:.3f}"


def _risk(view: EvaluationView) -> tuple[Part, ...]:
    if view.drift is None or not view.drift.risks:
        return _none(view)
    rows = tuple(
        {"x": r.drift, "y": r.model, "name": r.column, "risky": "risky" if r.risky else ""}
        for r in view.drift.risks
    )
    return (
        Plot(
            mark="point", rows=rows, x=Axis(field="x", title="importance in the drift model, %", sort="number"),
            y=Axis(field="y", title="importance in the model, %", sort="number"), label=Axis(field="name"),
            words="Importance of features in the drift model against the model",
        ),
    )  # fmt: skip


def _prediction(view: EvaluationView) -> tuple[Part, ...]:
    found = view.drift.prediction if view.drift else None
    if found is None or not found.fugacity:
        return _none(view)
    rows = [
        {"class": s.label, "share": share, "side": side}
        for s in found.fugacity
        for side, share in (("reference", s.reference), ("current", s.current))
    ]
    return (
        Plot(
            mark="bar", rows=tuple(rows), x=Axis(field="class", title="predicted"), stack="grouped",
            y=Axis(field="share", title="% of rows", sort="number"),
            color=Axis(field="side", order=("reference", "current")),
            words="Share of rows predicted in each class, reference and current",
        ),
    )  # fmt: skip


def _performance(view: EvaluationView) -> tuple[Part, ...]:
    if not view.differences:
        return notice("Performance cannot be compared: this evaluation has no ground truth.").parts
    heads = (
        Heading(name="metric", title="metric"), Heading(name="reference", title="reference", align="right"),
        Heading(name="current", title="current", align="right"), Heading(name="change", title="change", align="right"),
    )  # fmt: skip
    rows = tuple(
        (
            d.label,
            number(d.reference),
            number(d.current),
            "" if d.difference is None else f"{d.difference:+.4g}",
        )
        for d in view.differences
    )
    return (Table(columns=heads, rows=rows),)


def _none(view: EvaluationView) -> tuple[Part, ...]:
    return notice(view.no_drift or "This evaluation holds no such drift.").parts


_PARTS = {
    "summary": _summary, "metrics": _metrics, "input drift": _input_drift, "drifted columns": _columns,
    "drift risk": _risk, "prediction drift": _prediction, "performance drift": _performance,
}  # fmt: skip
