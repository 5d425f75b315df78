"""Screens of a report, shared by versions of models and by evaluations: one address each, a menu on the left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penstock.core.errors import Invalid, NotFound
from penstock.core.score import CostMatrix
from penstock.drawing.charts import explaining
from penstock.drawing.charts import performance as charts
from penstock.runtime import performance
from penstock.runtime.performance import SORTS, Cut, Performance
from penstock.web import humane
from penstock.web.asking import Ask

TITLES = {
    "summary": ("Summary", "report"),
    "confusion": ("Confusion matrix", "grid-dots"),
    "decision": ("Decision chart", "adjustments"),
    "lift": ("Lift charts", "trending-up"),
    "calibration": ("Calibration", "scale"),
    "roc": ("ROC curve", "chart-line"),
    "precision-recall": ("Precision and recall", "chart-area-line"),
    "density": ("Density", "chart-histogram"),
    "scatter": ("Scatter", "chart-scatter"),
    "errors": ("Error distribution", "chart-bar"),
    "forecast": ("Forecast and actual", "chart-line"),
    "series": ("By series", "table"),
    "metrics": ("Detailed metrics", "list-numbers"),
    "input-drift": ("Input drift", "table"),
    "prediction-drift": ("Prediction drift", "target-arrow"),
    "performance-drift": ("Performance drift", "gauge"),
    "importance": ("Feature importance", "chart-bar"),
    "dependence": ("Partial dependence", "chart-line"),
    "subpopulations": ("Subpopulations", "users-group"),
    "explanations": ("Individual explanations", "zoom-scan"),
    "what-if": ("What if", "wand"),
    "fairness": ("Fairness", "scale"),
    "features": ("Features", "list-details"),
    "algorithm": ("Algorithm", "cpu"),
    "training": ("Training information", "info-circle"),
    "diagnostics": ("Diagnostics", "stethoscope"),
}
"""Screen → its title and its icon."""
HINTS = {
    "roc": "The further the curve bends to the top left, the better positives and negatives are told apart; "
    "the diagonal is guessing.",
    "precision-recall": "How much precision is left when more of the positives are to be found.",
    "lift": "Rows sorted by probability, the most probable first: how fast the positives are found.",
    "calibration": "On the diagonal, a predicted 30 % happens in 30 of 100 cases.",
    "density": "The less the two areas overlap, the better the classes are told apart.",
    "scatter": "On the diagonal the prediction is the truth. Up to 1 000 rows are drawn.",
    "errors": "Prediction minus truth: right of zero it said too much, left of it too little.",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Some screens of the menu under one title."""

    title: str
    screens: tuple[str, ...]


def groups(of: Performance, *others: Group) -> list[Group]:
    """The menu: the summary, what was measured, and what else there is."""
    found = [Group("", ("summary",)), Group("Performance", of.screens), *others]
    return [g for g in found if g.screens]


def check(screen: str, menu: Sequence[Group], where: str) -> str:
    """The screen itself. Raises NotFound with the nearest for one that has nothing to show."""
    there = [s for g in menu for s in g.screens]
    if screen not in there:
        raise NotFound("screen", screen, among=there, where=where)
    return screen


def drawn(
    screen: str, sets: Mapping[str, Mapping[str, Any]], of: Performance | None = None
) -> list[tuple[str, Any]]:
    """The charts of a screen with their titles; several sets are laid over each other."""
    if screen == "lift":
        return [("Cumulative gain", charts.gain(sets)), ("Lift of each tenth", charts.lift(sets))]
    if screen == "density":
        return charts.density(sets)
    if screen == "decision" and of is not None:
        return [
            ("Scores", charts.decision(of.cuts, of.threshold)),
            ("Gain", charts.decision(of.cuts, of.threshold, gain=True)),
        ]
    return [("", charts.CHARTS[screen](sets))] if screen in charts.CHARTS else []


def asked_cut(ask: Ask, of: Performance) -> Cut | None:
    """The threshold and the gains of the address, else those in use; None where there is no threshold."""
    if not of.cuts:
        return None
    given = {sort: _number(ask, sort) for sort in SORTS}
    kept = {sort: getattr(of.costs, sort) for sort in SORTS}
    costs = CostMatrix(**{sort: kept[sort] if v is None else v for sort, v in given.items()})
    return performance.cut(of, _number(ask, "threshold"), costs)


def importance(weights: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Title, what it means, and the chart of each sort of importance that was computed."""
    said = {
        "shapley": ("Shapley importance", "How much a feature moves predictions, on average over rows."),
        "permutation": (
            "Permutation importance",
            "How much worse the model gets when the feature is shuffled.",
        ),
    }
    return [
        (title, about, explaining.bars(weights[name], title))
        for name, (title, about) in said.items() if weights.get(name)
    ]  # fmt: skip


def _number(ask: Ask, name: str) -> float | None:
    text = ask.word(name).replace(",", ".")
    try:
        return float(text) if text else None
    except ValueError as error:
        raise Invalid(f"{name}: '{text}' is not a number.") from error


def flat(values: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, Any]]:
    """Settings inside settings as `outer.inner` with plain values."""
    for key, value in values.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{name}.")
        else:
            yield name, humane.plain(value)
