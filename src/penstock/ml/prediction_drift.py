"""Prediction drift: how the predictions moved, without any ground truth."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from penstock.core import registry
from penstock.core.drift import DriftSettings
from penstock.core.drift_report import ClassShare, Density, DistanceResult, PredictionDrift
from penstock.core.evaluation import Distance
from penstock.core.score import Guess, PredictionType
from penstock.ml.density import density
from penstock.ml.extract import Counts, Floats
from penstock.ml.profile import CategoricalProfile, ColumnProfile, NumericalProfile, sorted_profile

MOST_DENSITIES = 20


def prediction_drift(
    reference: Guess,
    current: Guess,
    prediction_type: PredictionType,
    settings: DriftSettings | None = None,
    *,
    threshold: float | None = None,
) -> PredictionDrift:
    """Compare the predictions of two sides on all their rows.

    Classification: the fugacity table counts the predicted classes – for binary models with probabilities those
    at `threshold`, the version's own –, chi-square tests them, densities show each probability; a binary model's
    PSI and KS look at the probability of the second class, any other PSI at the classes. Regression: deciles of
    the reference, PSI over them, KS and the density of the prediction.
    """
    settings = settings or DriftSettings()
    rows = PredictionDrift(reference_rows=len(reference.label), current_rows=len(current.label))
    if not rows.reference_rows or not rows.current_rows:
        return replace(rows, reason="One side has no prediction.")
    if prediction_type == "regression":
        return _regression(rows, reference, current, settings)
    if prediction_type == "binary":
        reference, current = (_at_threshold(side, threshold) for side in (reference, current))
    return _classification(rows, reference, current, settings)


def _at_threshold(side: Guess, threshold: float | None) -> Guess:
    if threshold is None or side.proba is None:
        return side
    return replace(side, label=(side.proba[:, 1] >= threshold).astype(np.int64))


def _regression(
    rows: PredictionDrift, reference: Guess, current: Guess, settings: DriftSettings
) -> PredictionDrift:
    first, second = _numbers(reference.label), _numbers(current.label)
    if not first.size or not second.size:
        return replace(rows, reason="One side has no prediction that is a number.")
    labels, a, b = _deciles(first, second)
    return replace(
        rows, fugacity=_shares(labels, a, b), psi=_measure("psi", first, second, settings).value,
        ks=_measure("ks", first, second, settings),
        densities=(density("prediction", _floats(reference.label), _floats(current.label)),),
    )  # fmt: skip


def _classification(
    rows: PredictionDrift, reference: Guess, current: Guess, settings: DriftSettings
) -> PredictionDrift:
    classes = _classes(reference, current)
    a, b = _class_counts(reference, classes), _class_counts(current, classes)
    if not a.sum() or not b.sum():
        return replace(rows, reason="One side has no predicted class.")
    classed = _labelled(classes, a), _labelled(classes, b)
    first, second = _second_class(reference), _second_class(current)
    scored = None if first is None or second is None else (first, second)
    return replace(
        rows, fugacity=_shares(classes, a, b),
        chi_square=_measure("chi_square", *classed, settings),
        psi=_measure("psi", *scored, settings).value if scored else _measure("psi", *classed, settings).value,
        ks=_measure("ks", *scored, settings) if scored else None,
        densities=tuple(_densities(reference, current)),
    )  # fmt: skip


def _measure(
    kind: str, reference: ColumnProfile, current: ColumnProfile, settings: DriftSettings
) -> DistanceResult:
    cls = registry.kind("distances", kind)
    wanted = {"bins": settings.bins, "confidence_level": settings.confidence_level}
    distance = cast(Distance, cls(**{k: v for k, v in wanted.items() if k in cls.model_fields}))
    return distance.between(reference, current)


def _floats(values: npt.NDArray[np.generic]) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _numbers(values: npt.NDArray[np.generic]) -> NumericalProfile:
    return sorted_profile("prediction", "double", _floats(values).copy(), missing=0)


def _classes(reference: Guess, current: Guess) -> tuple[str, ...]:
    """Classes of both sides as texts, the reference's order first."""
    return tuple(dict.fromkeys(str(c) for c in (*reference.classes, *current.classes)))


def _class_counts(side: Guess, classes: tuple[str, ...]) -> Counts:
    """How many rows each class has; a code outside the classes counts nowhere."""
    codes = np.asarray(side.label, dtype=np.int64)
    own = np.bincount(codes[(codes >= 0) & (codes < len(side.classes))], minlength=len(side.classes))
    place = {str(c): n for n, c in enumerate(side.classes)}
    return np.array([own[place[c]] if c in place else 0 for c in classes], dtype=np.int64)


def _labelled(classes: tuple[str, ...], counts: Counts) -> CategoricalProfile:
    order = np.argsort(np.array(classes, dtype=object), kind="stable")
    labels = pa.array([classes[i] for i in order.tolist()], pa.large_string())
    held = counts[order] > 0
    return CategoricalProfile("prediction", "class", 0, labels.filter(pa.array(held)), counts[order][held])


def _second_class(side: Guess) -> NumericalProfile | None:
    if side.proba is None or side.proba.shape[1] != 2:
        return None
    return _numbers(side.proba[:, 1])


def _densities(reference: Guess, current: Guess) -> list[Density]:
    if reference.proba is None or current.proba is None:
        return []
    columns = {str(c): n for n, c in enumerate(current.classes)}
    return [
        density(
            f"proba_{c}",
            _floats(reference.proba[:, n]),
            _floats(current.proba[:, columns[str(c)]]),
            span=(0.0, 1.0),
        )
        for n, c in enumerate(reference.classes[:MOST_DENSITIES])
        if str(c) in columns
    ]


def _deciles(
    reference: NumericalProfile, current: NumericalProfile
) -> tuple[tuple[str, ...], Counts, Counts]:
    edges = np.unique(reference.quantiles(np.arange(1, 10) / 10))
    a, b = (np.diff(side.ranks(edges), prepend=0, append=side.size) for side in (reference, current))
    texts = [f"{edge:.4g}" for edge in edges.tolist()]
    inner = [f"{left} – {right}" for left, right in pairwise(texts)]
    return (f"≤ {texts[0]}", *inner, f"> {texts[-1]}"), a, b


def _shares(labels: tuple[str, ...], a: Counts, b: Counts) -> tuple[ClassShare, ...]:
    first, second = 100 * a / a.sum(), 100 * b / b.sum()
    return tuple(
        ClassShare(
            label=label, reference=r, current=c, difference=c - r,
            relative_change=100 * (c - r) / r if r > 0 else None,
        )
        for label, r, c in zip(labels, first.tolist(), second.tolist(), strict=True)
    )  # fmt: skip
