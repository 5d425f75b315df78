"""Is a model as good, and as generous, to one group of people as to another? Four measures, group by group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from penstock.core.errors import Invalid
from penstock.core.fairness import FEWEST, Measure
from penstock.ml import measures, performance
from penstock.ml.measures import Counts
from penstock.ml.predictor import Predictor
from penstock.ml.subpopulations import groups_of

RATES: dict[Measure, tuple[str, ...]] = {
    "demographic_parity": ("positive_rate",),
    "equalised_odds": ("true_positive_rate", "false_positive_rate"),
    "equality_of_opportunity": ("true_positive_rate",),
    "predictive_rate_parity": ("positive_predictive_value",),
}
"""Measure → the rates that should be equal."""


@dataclass(frozen=True, slots=True)
class GroupRates:
    """One group's rates; None where there is no row to compute one from."""

    group: str
    rows: int
    rates: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Fairness:
    """All groups' rates, and of each measure the largest distance of a group's rate from the reference group's."""

    column: str
    reference: str
    positive: str
    groups: tuple[GroupRates, ...]
    disparity: Mapping[Measure, float | None]
    """0 is fair in this sense; None when no other group's rate can be computed."""
    worst: Mapping[Measure, str] = field(default_factory=dict)
    """Measure → the group that lies furthest from the reference."""
    too_small: tuple[str, ...] = ()
    """Groups of fewer than 30 rows: their rates may be chance."""


def fairness(
    predictor: Predictor, table: pa.Table, column: str, *, reference: str, positive: str = ""
) -> Fairness:
    """Compare groups by a sensitive column on labelled rows. `positive` is the wanted outcome, by default the last
    class. Binary models; several measures cannot be fair at once unless the groups are alike."""
    if predictor.prediction_type != "binary":
        raise Invalid("Fairness compares binary models.")
    code = _place(predictor, positive)
    judged = performance.judge(predictor, table, predictor.predict(table))
    taken = table.take(pa.array(judged.rows))
    truth, label = (judged.truth == code).astype(np.int64), (judged.guess.label == code).astype(np.int64)
    weights = measures.weights_of(judged.guess)
    groups = tuple(
        GroupRates(g.name, len(g.rows), rates(measures.counts(truth[g.rows], label[g.rows], weights[g.rows])))
        for g in groups_of(taken, column)
    )
    base = next((g for g in groups if g.group == reference), None)
    if base is None:
        names = ", ".join(g.group for g in groups)
        raise Invalid(f"'{reference}' is no group of '{column}': there are {names}.")
    gaps = {measure: _gaps(groups, base, names) for measure, names in RATES.items()}
    disparity = {measure: max(found.values(), default=None) for measure, found in gaps.items()}
    worst = {measure: max(found, key=lambda g: found[g]) for measure, found in gaps.items() if found}
    small = tuple(g.group for g in groups if g.rows < FEWEST)
    return Fairness(column, reference, predictor.class_names[code], groups, disparity, worst, small)


def rates(counts: Counts) -> dict[str, float | None]:
    """The four rates of one group."""
    return {
        "positive_rate": measures.ratio(counts.tp + counts.fp, counts.total),
        "true_positive_rate": counts.recall,
        "false_positive_rate": counts.false_positive_rate,
        "positive_predictive_value": counts.precision,
    }


def _place(predictor: Predictor, positive: str) -> int:
    names = predictor.class_names
    if positive and positive not in names:
        raise Invalid(f"'{positive}' is no class of the model: there are {', '.join(names)}.")
    return names.index(positive) if positive else len(names) - 1


def _gaps(groups: tuple[GroupRates, ...], base: GroupRates, names: tuple[str, ...]) -> dict[str, float]:
    """Group → the largest distance of its rates from those of the reference group, where both are known."""
    found: dict[str, float] = {}
    for group in groups:
        for name in names:
            value, own = group.rates[name], base.rates[name]
            if group is not base and value is not None and own is not None:
                found[group.group] = max(found.get(group.group, 0.0), abs(value - own))
    return found
