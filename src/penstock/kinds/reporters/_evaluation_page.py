"""One evaluation as a page that stands by itself: no network, no script; the chart lies in it as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.core import metric
from penstock.kinds.reporters import _chart, _facts, _texts

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext
    from penstock.core.drift_report import ColumnDrift
    from penstock.core.report import Course, EvaluationView

TROUBLE = (ValueError, RuntimeError, OSError, ImportError)


def page(view: EvaluationView, ctx: ReportContext) -> str:
    """The page as HTML."""
    evaluation, drift = view.evaluation, view.drift
    columns = drift.univariate.ranked() if drift and drift.univariate else ()
    values = {
        "evaluation": evaluation, "when": _facts.moment(evaluation.created_at), "compared_with": view.compared_with,
        "metrics": _metrics(view), "compared": bool(view.differences),
        "sentences": drift.sentences() if drift else [view.no_drift],
        "columns": [_column(c) for c in columns], "chart": _drawn(view.course, ctx),
        "warnings": drift.warnings if drift else (),
    }  # fmt: skip
    return _texts.own("_evaluation_page.html", values)


def _metrics(view: EvaluationView) -> list[dict[str, str]]:
    """Every metric but those of single columns, beside the reference's where it has one."""
    beside = {d.metric_id: d for d in view.differences}
    return [
        {
            "name": metric.label(m), "value": _number(value),
            "reference": _number(beside[m].reference) if m in beside else "",
            "change": _number(beside[m].difference) if m in beside else "",
        }
        for m, value in view.evaluation.metrics.items() if not m.startswith("univariate:")
    ]  # fmt: skip


def _column(row: ColumnDrift) -> dict[str, Any]:
    test = row.test()
    return {
        "name": row.column, "handling": row.handling, "verdict": row.verdict or row.reason, "drifted": row.drifted,
        "p": _chance(test.p_value) if test else "", "corrected": _chance(test.corrected_p) if test else "",
        "psi": _number(row.psi()), "because": " ".join(row.because),
    }  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _chance(p: float | None) -> str:
    """A p-value; very small ones are all alike."""
    return "< 0.0001" if p is not None and p < 0.0001 else _number(p)


def _drawn(course: Course | None, ctx: ReportContext) -> Any:
    """The course as an SVG; empty and noted when it cannot be drawn."""
    from markupsafe import Markup

    if course is None:
        return ""
    try:
        return Markup(_chart.svg(course))
    except TROUBLE as error:
        ctx.note(f"The chart of {course.label} could not be drawn: {error}")
        return ""
