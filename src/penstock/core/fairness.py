"""Fairness: what its four measures are called, which rates they compare, and when a group is too small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Measure = Literal["demographic_parity", "equalised_odds", "equality_of_opportunity", "predictive_rate_parity"]

FEWEST = 30
"""Rows of a group below which its rates may be chance."""

MEASURES: Mapping[Measure, tuple[str, str]] = {
    "demographic_parity": ("Demographic parity", "The same share of each group gets the wanted outcome."),
    "equalised_odds": ("Equalised odds", "True and false positive rates are the same."),
    "equality_of_opportunity": ("Equality of opportunity", "Those who deserve it get it equally often."),
    "predictive_rate_parity": ("Predictive rate parity", "A positive prediction is right equally often."),
}
"""Measure → its name, and what would be fair."""

RATE_WORDS: Mapping[str, str] = {
    "positive_rate": "Positive rate", "true_positive_rate": "True positive rate",
    "false_positive_rate": "False positive rate", "positive_predictive_value": "Precision",
}  # fmt: skip
"""Rate → its name."""


def metric_id(measure: str) -> str:
    """The id under which a measure of a model is kept, so that checks can demand something of it."""
    return f"fairness:{measure}"


def label(measure: str) -> str:
    """`Fairness: demographic parity gap`"""
    words = next((found[0] for code, found in MEASURES.items() if code == measure), measure)
    return f"{words} gap"
