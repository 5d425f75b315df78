"""Charts by name, for documents: a use case names one and gives its numbers, and never imports what draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from penstock.core.document import Chart
from penstock.core.errors import Invalid, did_you_mean
from penstock.drawing.charts import columns, explaining, forecasting, performance

Spec = dict[str, Any]


def _sets(draw: Callable[[Mapping[str, Any]], Spec]) -> Callable[[Mapping[str, Any]], Spec]:
    return lambda facts: draw(facts["sets"])


def _density(facts: Mapping[str, Any]) -> Spec:
    """One class of one set, the last unless `at` says which."""
    drawn = performance.density(facts["sets"])
    at: int = facts.get("at", -1)
    return drawn[at][1]


NAMES: Mapping[str, Callable[[Mapping[str, Any]], Spec]] = {
    **{name: _sets(draw) for name, draw in performance.CHARTS.items()},
    "density": _density,
    "decision": lambda f: performance.decision(f["points"], f.get("threshold"), gain=bool(f.get("gain"))),
    "bars": lambda f: explaining.bars(f["weights"], f["title"]),
    "dependence": lambda f: explaining.dependence(f["found"], f["classes"]),
    "influences": lambda f: explaining.influences(f["found"], f["title"]),
    "forecast": lambda f: forecasting.fan(f["drawn"], f["target"], f["title"]),
    "forecast-errors": lambda f: forecasting.errors(f["by_step"], f["target"]),
    "histogram": lambda f: columns.histogram(f["bars"], f["title"]),
}
"""Name → what makes a Vega-Lite specification of its facts."""


def spec(chart: Chart) -> Spec:
    """The specification of a named chart. Raises Invalid for a name nobody draws."""
    draw = NAMES.get(chart.of)
    if draw is None:
        raise Invalid(f"There is no chart '{chart.of}'.{did_you_mean(chart.of, NAMES)}")
    return draw(chart.facts)
