"""What the pages of a model show when it continues series: its design, its forecasts, its series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from penstock.core import metric
from penstock.core.errors import InvalidDefinition, PenstockError, SaveConflict
from penstock.core.forecasting import ForecastDesign
from penstock.drawing.charts import forecasting
from penstock.runtime import datasets, projects, store_reports
from penstock.runtime.model_reports import Report, VersionReport
from penstock.web import forms
from penstock.web.asking import Ask

WORD = "forecast"
"""The value of `of` in an address that asks for the design of a forecast."""
HELD = "the rows held back from training"
STEPS = ("mae", "mase", "rmse", "smape", "inside")
"""Measures of each step ahead."""


def asked(ask: Ask, report: Report) -> bool:
    """Whether the design page is about a forecast: the model has one, or somebody wants to give it one."""
    return report.model.forecast is not None or ask.word("of") == WORD


def design(ask: Ask, report: Report, base: str) -> Response:
    return _page(
        ask, report, forms.values_of(report.model.forecast) if report.model.forecast else {}, base=base
    )


def save(ask: Ask, report: Report) -> Response | None:
    """Write the posted design; a page when it was refused."""
    values = {**forms.values_of(report.model), "forecast": forms.read(ForecastDesign, ask.form, WORD)}
    values.pop("design", None)
    try:
        projects.define(
            ask.node, ask.project, "model", report.name, values, author=ask.me.login, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        wrong, conflict = forms.told(refused)
        return _page(
            ask, report, values["forecast"], wrong=wrong, conflict=conflict, status=refused.http_status,
            base=conflict.now if conflict else "",
        )  # fmt: skip
    return None


def screen(told: Mapping[str, Any], target: str, on: str = HELD) -> dict[str, Any]:
    """The last judged forecast of each series, the error by step, the coverage of the quantiles."""
    drawn = [(_name(one["key"]), forecasting.fan(one, target, _name(one["key"]))) for one in told["drawn"]]
    steps = told.get("steps") or []
    codes = [code for code in STEPS if any(step.get(code) is not None for step in steps)]
    return {
        "told": told, "judged_on": on, "drawn": drawn, "steps": steps,
        "errors": forecasting.errors(told["by_step"], target),
        "step_codes": codes, "step_heads": [("Step", "number"), *(_head(code, n) for n, code in enumerate(codes))],
        "quantiles": [c["quantile"] for c in told["coverage"]],
    }  # fmt: skip


def by_series(
    told: Mapping[str, Any], main: str, columns: Sequence[str], *, on: str = HELD
) -> dict[str, Any]:
    """The measures of each series, the main one first."""
    there = [code for code in next(iter(told["by_series"]), {}) if code != "key"]
    codes = sorted(there, key=lambda code: code != main)
    return {
        "told": told, "judged_on": on, "codes": codes, "series_heads": [_head(code, n) for n, code in enumerate(codes)],
        "of_series": ", ".join(columns) or "Series",
    }  # fmt: skip


def of_version(ask: Ask, report: VersionReport) -> dict[str, Any]:
    """What the screen of a version says of its forecasts."""
    return screen(_told(report), report.version.target)


def series_of_version(ask: Ask, report: VersionReport) -> dict[str, Any]:
    """What the screen of a version says of its series."""
    columns = report.detail["design"].get("series") or ()
    return by_series(_told(report), report.version.main_metric, columns)


def _head(code: str, place: int) -> tuple[str, str, str, str]:
    """The head of a column of a measure; on a phone the first one only."""
    hidden = "hide-phone" if place else ""
    if code == "inside":
        return "Between the outer quantiles", "number", "Share of the true values", hidden
    id = metric.performance_id(code)
    return metric.label(id), "number", store_reports.about(id), hidden


def _page(
    ask: Ask, report: Report, values: Mapping[str, Any], *, base: str = "", wrong: InvalidDefinition | None = None,
    conflict: SaveConflict | None = None, status: int = 200,
) -> Response:  # fmt: skip
    fields = forms.draw(
        ask, ForecastDesign, values, prefix=WORD, wrong=wrong, more={"columns": _columns(ask, report)}
    )
    return ask.page(
        "models/forecast_design.html", status=status, report=report, tab="design", fields=fields, base=base,
        conflict=conflict,
    )  # fmt: skip


def _columns(ask: Ask, report: Report) -> list[str]:
    if not report.train_dataset:
        return []
    try:
        return [c.name for c in datasets.columns(ask.node, ask.project, report.train_dataset)]
    except PenstockError:
        return []


def _told(report: VersionReport) -> dict[str, Any]:
    found: dict[str, Any] = report.detail["forecast"]
    return found


def _name(key: list[str]) -> str:
    return ", ".join(key) or "The series"
