"""Drift: its settings, its words, which sort is possible when, and the rule that says when a column drifts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from pydantic import Field

from penstock.core.kind import Definition

Handling = Literal["numerical", "categorical", "text", "ignored"]
Verdict = Literal["drift", "inconclusive", "not enough data"]

DRIFT: Final = "drift"
INCONCLUSIVE: Final = "inconclusive"
NOT_ENOUGH_DATA: Final = "not enough data"
DRIFT_DETECTED: Final = "drift detected"
"""What the global score says when its test is significant; otherwise it is inconclusive, never "no drift"."""

OF_MISSING: Final = "Missing values changed"
"""How the reason begins that a verdict has when the share of missing values is drift by itself."""

LARGE_SHIFT: Final = 0.3108
"""Kolmogorov-Smirnov distance of a large shift, 0.8 standard deviations (Cohen 1988): 2Φ(0.4) − 1."""
POWER_FACTOR: Final = 2.8016
"""z(0.975) + z(0.8): what a two-sided test at 5 % needs to find a difference four times out of five."""
FEW_ROWS: Final = 500
"""Under so many rows a side the global score says little."""


class ColumnHandling(Definition):
    """How drift treats one column: as numbers, as categories, or not at all."""

    handling: Literal["auto", "numerical", "categorical", "text"] = Field(
        default="auto", description="auto = as the model handles the feature, else by its storage type."
    )
    enabled: bool = Field(default=True, description="Off leaves the column out of every drift calculation.")


class DriftSettings(Definition):
    """How drift is computed and when it is called one."""

    confidence_level: float = Field(
        default=0.95,
        gt=0.5,
        lt=1,
        description="A test is significant at p ≤ 1 − this; intervals have this width.",
    )
    columns: dict[str, ColumnHandling] = Field(
        default_factory=dict, description="Column → how to treat it, where auto is not right."
    )
    bins: int = Field(default=10, ge=2, le=100, description="Bins of histograms and of the PSI of numbers.")
    psi_threshold: float = Field(
        default=0.2, gt=0, description="A PSI from here on marks a column as drifting."
    )
    tolerance: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Smallest effect that counts: share of rows for KS and missing values, Cramér's V for categories.",
    )
    histograms: bool = Field(default=True, description="Keep a paired histogram of each column.")
    seed: int = Field(default=1337, ge=0, description="Makes draws and splits repeatable.")
    threads: int = Field(default=2, ge=1, le=256, description="Threads to use; results do not depend on it.")

    @property
    def significance(self) -> float:
        """The largest p-value that is significant: 1 − confidence level."""
        return round(1 - self.confidence_level, 12)

    def column(self, name: str) -> ColumnHandling:
        """What was asked for a column; auto and enabled when nothing was."""
        return self.columns.get(name, ColumnHandling())


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """How a column is really treated, what auto would have been, and why it is ignored."""

    handling: Handling
    default: Handling
    reason: str = ""


def resolve(asked: ColumnHandling, *, role: str | None, by_type: Handling) -> Resolved:
    """The treatment of a column: the override, else the feature's role, else its storage type.

    `role` is the model's handling of the feature: numerical, categorical, text; anything else (`rejected`,
    `target`) is ignored unless an override switches it on. None when no roles are known.
    """
    known = get_args(Handling)
    default: Handling = by_type if role is None else role if role in known else "ignored"  # type: ignore[assignment]
    if not asked.enabled:
        return Resolved(handling="ignored", default=default, reason="Switched off in the drift settings.")
    if asked.handling != "auto":
        return Resolved(handling=asked.handling, default=default)
    if default == "ignored":
        why = (
            f"The model does not use it (role: {role})."
            if role is not None
            else "Its type cannot be compared."
        )
        return Resolved(handling="ignored", default=default, reason=why)
    return Resolved(handling=default, default=default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about one column when it is judged; p-values are the corrected ones, None = not computed."""

    reference_size: int
    """Rows with a value."""
    current_size: int
    reference_rows: int
    current_rows: int
    test_p: float | None = None
    effect: float | None = None
    psi: float | None = None
    psi_p: float | None = None
    missing_p: float | None = None
    missing_difference: float | None = None


def enough(reference: int, current: int) -> bool:
    """Whether a large shift (0.8 standard deviations) would be found at least four times out of five.

    Power of the comparison of two proportions near one half, at a two-sided 5 %: the smallest difference
    found is 2.80·√(¼(1/n + 1/m)). With equal sides that asks for 41 rows each.
    """
    if min(reference, current) < 1:
        return False
    return POWER_FACTOR * math.sqrt(0.25 * (1 / reference + 1 / current)) <= LARGE_SHIFT


def judge(evidence: Evidence, settings: DriftSettings) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict on one column and the sentences that carry it (docs/decisions/0003)."""
    if not enough(evidence.reference_rows, evidence.current_rows):
        sizes = f"{evidence.reference_rows} and {evidence.current_rows} rows"
        return NOT_ENOUGH_DATA, (f"Even a large shift would often be missed with {sizes}.",)
    reasons = tuple(_reasons(evidence, settings))
    if reasons:
        return DRIFT, reasons
    if not enough(evidence.reference_size, evidence.current_size):
        sizes = f"{evidence.reference_size} and {evidence.current_size} values"
        return NOT_ENOUGH_DATA, (f"Even a large shift would often be missed with {sizes}.",)
    return INCONCLUSIVE, ()


def _reasons(evidence: Evidence, settings: DriftSettings) -> list[str]:
    e, alpha, least = evidence, settings.significance, settings.tolerance
    found = []
    sized = enough(e.reference_size, e.current_size)
    if sized and _significant(e.test_p, alpha) and e.effect is not None and e.effect >= least:
        found.append(f"The distribution moved: effect {e.effect:.2f}, corrected p {e.test_p:.2g}.")
    if _significant(e.psi_p, alpha) and e.psi is not None and e.psi >= settings.psi_threshold:
        found.append(f"PSI {e.psi:.2f} reaches {settings.psi_threshold:g}.")
    moved = e.missing_difference
    if _significant(e.missing_p, alpha) and moved is not None and abs(moved) >= least:
        found.append(f"{OF_MISSING} by {100 * moved:+.1f} percentage points.")
    return found


def _significant(p: float | None, alpha: float) -> bool:
    return p is not None and p <= alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """Which panels of the drift analysis can be filled. An empty text means yes, else it is the reason."""

    input: str = ""
    prediction: str = ""
    performance: str = ""


def possible(
    *,
    has_truth: bool,
    skipped_performance: bool = False,
    has_reference: bool = True,
    has_prediction: bool = True,
) -> Possible:
    """What drift can be computed from what an evaluation has: a reference, predictions, ground truth."""
    no_reference = "" if has_reference else "There is no reference to compare with."
    no_prediction = "" if has_prediction else "The evaluation has no predictions."
    if skipped_performance:
        no_truth = "Performance was skipped in this evaluation, so there is nothing to compare."
    else:
        no_truth = "" if has_truth else "The evaluated data has no ground truth."
    return Possible(
        input=no_reference, prediction=no_reference or no_prediction,
        performance=no_reference or no_prediction or no_truth,
    )  # fmt: skip


RISKY_SHARE: Final = 0.65


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRisk:
    """One dot of the importance scatter; both importances in % of their sum. `model` is None when unknown."""

    column: str
    drift: float
    model: float | None
    risky: bool = False
    """Above 65 % of the largest on both axes: expect the model to suffer."""


def feature_risks(
    drift: Mapping[str, float], model: Mapping[str, float] | None = None
) -> tuple[FeatureRisk, ...]:
    """The scatter of drift importance against model importance, largest drift first, one dot per drift feature.

    Each axis is brought to 100 % over the drift features. Without model importances the second axis is None.
    """
    x = percent(drift)
    y = percent({c: max(model.get(c, 0.0), 0.0) for c in drift}) if model is not None else None
    top_x, top_y = max(x.values(), default=0.0), max(y.values(), default=0.0) if y else 0.0
    dots = [
        FeatureRisk(
            column=c,
            drift=share,
            model=y[c] if y else None,
            risky=bool(y) and share > RISKY_SHARE * top_x and y[c] > RISKY_SHARE * top_y,  # type: ignore[index]
        )
        for c, share in x.items()
    ]
    return tuple(sorted(dots, key=lambda d: -d.drift))


def percent(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights as % of their sum; all alike when the sum is zero."""
    total = sum(weights.values())
    if total <= 0:
        return {name: 100 / len(weights) for name in weights}
    return {name: 100 * weight / total for name, weight in weights.items()}
