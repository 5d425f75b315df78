"""`forecast.*`: what continues series in time, how far, and how far off it was on the rows held back from training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from penstock.core import document, metric, registry
from penstock.core.counting import counted
from penstock.core.document import Block, Column, Picture, Table, facts, table
from penstock.core.forecasting import ForecastDesign
from penstock.core.kind import Kind
from penstock.core.placeholders import Say
from penstock.runtime.model_document import wording
from penstock.runtime.model_document.subject import Subject

MOST_SERIES = 30
"""Series that are listed one by one: those it is worst on."""
MOST_STEPS = 48
"""Steps ahead that are listed one by one."""
DRAWN = 3
"""Series whose last judged forecast is drawn."""
MEASURES = ("mase", "mae", "rmse", "smape", "mape")


def names(s: Subject) -> dict[str, Say]:
    """Everything under `forecast.`; nothing of it for another sort of model."""
    return {
        "forecast.status": lambda: wording.yes(s.forecast),
        "forecast.horizon.value": lambda: _steps(s.forecast, s.forecast.horizon) if s.forecast else None,
        "forecast.series.count.value": lambda: f"{told(s)['series']:,}" if told(s) else None,
        "forecast.windows.count.value": lambda: f"{told(s)['windows']:,}" if told(s) else None,
        "forecast.design.text": lambda: summary(s),
        "forecast.design.table": lambda: design_table(s.forecast) if s.forecast else None,
        "forecast.held_back.text": lambda: held_back(s),
        "forecast.algorithm.text": lambda: wording.about(_way(s)) or None,
        "forecast.algorithm.table": lambda: hyperparameters(s),
        "forecast.algorithms.table": lambda: algorithms(s),
        "forecast.measures.text": lambda: judgement(s),
        "forecast.steps.plot": lambda: steps_plot(s),
        "forecast.steps.table": lambda: steps_table(told(s)),
        "forecast.series.table": lambda: series_table(s),
        "forecast.quantiles.text": lambda: QUANTILES if quantiles_table(s) else None,
        "forecast.quantiles.table": lambda: quantiles_table(s),
        "forecast.examples.plots": lambda: examples(s),
    }


QUANTILES = (
    "Where the quantiles hold, the share of the true values at or below a quantile is the quantile itself: nine in ten "
    "at or below 0.9."
)


def told(s: Subject) -> Mapping[str, Any]:
    """What was judged, as the version keeps it; empty for another sort of model."""
    return s.detail.get("forecast") or {}


def summary(s: Subject) -> str | None:
    """What it says, of what, how far: one sentence."""
    d = s.forecast
    if d is None:
        return None
    count = told(s).get("series")
    each = ""
    if d.series:
        of = f"{counted(count, 'series', 'series')}" if count else "each series"
        each = f" of {of}, told apart by {wording.listed(d.series)},"
    known = f", and {wording.listed(d.externals)}, known in advance" if d.externals else ""
    said = wording.listed(map(str, d.quantiles))
    return (
        f"From the last {d.window_steps} values of {d.target}{each} it says the next {_steps(d, d.horizon)}, with the "
        f"quantiles {said} of each value. It learns from those values, the calendar of {d.time}{known}."
    )


def design_table(d: ForecastDesign) -> Table:
    """Every decision of a design, those too that were left to us."""
    every = f"one row a {d.step}" if d.step.count == 1 else f"one row every {d.step}"
    return facts([
        ("Target", d.target), ("Time", f"{d.time}, {every}"), ("Horizon", _steps(d, d.horizon)),
        ("Series", f"one for each {wording.listed(d.series)}" if d.series else "all rows are one"),
        ("Season", f"a pattern comes again after {_steps(d, d.season_steps)}" if d.season_steps > 1 else "none"),
        ("Lags", f"the last {counted(d.window_steps, 'value')} of a series, which a forecast looks at and needs"),
        ("Known in advance", wording.listed(d.externals) or "nothing but the calendar"),
        ("Quantiles", ", ".join(map(str, d.quantiles))),
        ("Kept by", f"the lowest {_label(d.metric)}"),
        ("Held back", f"{counted(d.test_periods, 'horizon')} at the end of every series"),
    ], caption="Design of the forecast")  # fmt: skip


def held_back(s: Subject) -> str | None:
    """How it was judged, in words."""
    d, found = s.forecast, told(s)
    if d is None or not found:
        return None
    return (
        f"The last {d.test_periods * d.horizon} rows of every series were kept from training. "
        f"{counted(found['windows'], 'forecast')} were made at places among them, each without the rows behind it, "
        "and set against what came. What was kept learned all rows afterwards: the figures are those of the same way "
        "before it knew them."
    )


def hyperparameters(s: Subject) -> Table | None:
    """Those of what was kept, with what they mean; None when it has none."""
    values = s.detail.get("hyperparameters") or {}
    if s.forecast is None or not values:
        return None
    columns = (
        Column("Hyperparameter", width=0.28),
        Column("Value", "right", 0.16),
        Column("Meaning", width=0.56),
    )
    rows = tuple(wording.settings(values, of=_way(s)))
    return Table(columns=columns, rows=rows, caption=f"Hyperparameters of {s.version.algorithm}")


def _way(s: Subject) -> type[Kind] | None:
    """The kind behind what was kept; None for one that is not there any more."""
    kinds = (registry.kind("forecasters", name) for name in registry.names("forecasters"))
    return next((kind for kind in kinds if getattr(kind, "LABEL", "") == s.version.algorithm), None)


def algorithms(s: Subject) -> Table | None:
    """Every way that was tried, the one that is kept standing out."""
    tried: Sequence[Mapping[str, Any]] = s.detail.get("trials") or ()
    if not tried or s.forecast is None:
        return None
    rows = [
        (
            one["algorithm"],
            ", ".join(f"{wording.sentence(k)}: {v}" for k, v in (one.get("values") or {}).items()) or "none",
            one.get("score"),
            f"{one.get('seconds') or 0:.1f} s",
        )
        for one in tried
    ]
    strong = frozenset(n for n, one in enumerate(tried) if one["algorithm"] == s.version.algorithm)
    titles = ["Algorithm", "Hyperparameters", _label(s.forecast.metric), "Took"]
    return table(titles, rows, caption="What was tried; lower is better", strong=strong)


def judgement(s: Subject) -> str | None:
    """What the MASE means here."""
    value = next((x.value for x in s.scores if x.id == metric.performance_id("mase")), None)
    if s.forecast is None or value is None:
        return None
    d = s.forecast
    naive = "the value of a season before" if d.season_steps > 1 else "the value before"
    if value >= 1:
        return (
            f"MASE is {document.number(value)}: on average it is off by no less than saying {naive} was on the rows "
            "before those judged."
        )
    return (
        f"MASE is {document.number(value)}: on average it is off by {1 - value:.0%} less than saying {naive} was on "
        "the rows before those judged."
    )


def steps_plot(s: Subject) -> Picture | None:
    """How the error grows with the distance."""
    errors = told(s).get("by_step") or ()
    if s.forecast is None or not any(error is not None for error in errors):
        return None
    return s.chart(
        "forecast-errors",
        {"by_step": errors, "target": s.forecast.target},
        "Mean absolute error of each step ahead",
    )


def steps_table(found: Mapping[str, Any]) -> Table | None:
    """The measures of each step ahead, of what was judged. Versions of before kept none but the mean absolute error."""
    steps = found.get("steps") or [{"mae": error} for error in found.get("by_step") or ()]
    codes = [code for code in (*MEASURES, "inside") if any(step.get(code) is not None for step in steps)]
    if not codes:
        return None
    rows = [[n, *(_value(step.get(code), code) for code in codes)] for n, step in enumerate(steps, 1)]
    more = f", the first {MOST_STEPS} of {len(rows)}" if len(rows) > MOST_STEPS else ""
    titles = ["Step", *(_label(code) for code in codes)]
    return _right(table(titles, rows[:MOST_STEPS], caption=f"Measures of each step ahead{more}"))


def series_table(s: Subject) -> Table | None:
    """The measures of each series, the worst first; None of a single one, which all measures are about."""
    found = told(s).get("by_series") or ()
    if s.forecast is None or len(found) < 2:
        return None
    main = s.forecast.metric if s.forecast.metric in MEASURES else "mase"
    codes = [code for code in MEASURES if any(one.get(code) is not None for one in found)]
    worst = sorted(found, key=lambda one: (one.get(main) is None, -(one.get(main) or 0)))
    rows = [
        [", ".join(one["key"]), *(_value(one.get(code), code) for code in codes)]
        for one in worst[:MOST_SERIES]
    ]
    said = f"the {MOST_SERIES} worst of {len(found)}" if len(found) > MOST_SERIES else "the worst first"
    titles = [wording.listed(s.forecast.series), *(_label(code) for code in codes)]
    return _right(table(titles, rows, caption=f"Measures of each series, {said}"))


def quantiles_table(s: Subject) -> Table | None:
    """The share of true values at or below each quantile; None where they could not be judged."""
    found = [one for one in told(s).get("coverage") or () if one.get("below") is not None]
    if not found:
        return None
    rows = [[f"{one['quantile']:g}", f"{one['quantile']:.1%}", f"{one['below']:.1%}"] for one in found]
    titles = ["Quantile", "Should be at or below it", "Were at or below it"]
    return _right(table(titles, rows, caption="How often the quantiles held"))


def examples(s: Subject) -> tuple[Block, ...] | None:
    """The last judged forecast of a few series, beside what came."""
    if s.forecast is None:
        return None
    target = s.forecast.target
    drawn = [
        (", ".join(one["key"]) or s.title, {"drawn": one, "target": target})
        for one in (told(s).get("drawn") or ())[:DRAWN]
    ]
    return tuple(
        s.chart("forecast", {**facts_, "title": title}, f"{title}: the last forecast that was judged, and what came")
        for title, facts_ in drawn
    ) or None  # fmt: skip


def _steps(design: ForecastDesign, count: int) -> str:
    """`14 days`, `8 steps of 15 minutes`."""
    if design.step.count == 1:
        return counted(count, design.step.unit)
    return f"{counted(count, 'step')} of {design.step}"


def _label(code: str) -> str:
    return "Between the outer quantiles" if code == "inside" else metric.label(metric.performance_id(code))


def _value(value: float | None, code: str) -> str | float | None:
    return f"{value:.0%}" if value is not None and code == "inside" else value


def _right(made: Table) -> Table:
    """The same with numbers at the right of their columns."""
    first, *rest = made.columns
    return replace(made, columns=(first, *(Column(c.title, "right", c.width) for c in rest)))
