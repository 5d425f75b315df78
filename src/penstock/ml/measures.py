"""The arithmetic of scores and curves: counts, ranks, bins, averages over classes. Weighted, and never NaN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from penstock.core.score import CostMatrix, Guess

BINS = 10
"""Equal-width bins of probability in the calibration loss and curve."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Weighted rows of each sort at one threshold."""

    tp: float
    fp: float
    tn: float
    fn: float

    @property
    def total(self) -> float:
        return self.tp + self.fp + self.tn + self.fn

    @property
    def accuracy(self) -> float | None:
        return ratio(self.tp + self.tn, self.total)

    @property
    def precision(self) -> float | None:
        """None when nothing was predicted positive."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """None when nothing is positive."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def false_positive_rate(self) -> float | None:
        return ratio(self.fp, self.fp + self.tn)

    @property
    def f1(self) -> float | None:
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def gain(self, costs: CostMatrix) -> float | None:
        """Average gain per row."""
        whole = costs.tp * self.tp + costs.fp * self.fp + costs.tn * self.tn + costs.fn * self.fn
        return ratio(whole, self.total)


def ratio(part: float, whole: float) -> float | None:
    """None instead of a division by zero."""
    return float(part / whole) if whole > 0 else None


def weights_of(guess: Guess) -> np.ndarray:
    """(n,) weights, 1 each when there are none."""
    return np.ones(len(guess.label)) if guess.weights is None else guess.weights


def counts(truth: np.ndarray, label: np.ndarray, weights: np.ndarray) -> Counts:
    """Rows by true and predicted class; codes 0 and 1."""
    table = np.bincount(2 * truth + label, weights=weights, minlength=4)
    return Counts(tp=float(table[3]), fp=float(table[1]), tn=float(table[0]), fn=float(table[2]))


def one_vs_all(
    truth: np.ndarray, guess: Guess, value: Callable[[np.ndarray, int], float | None]
) -> float | None:
    """`value(is_the_class, class)` of each class that occurs in the truth, averaged as the settings say."""
    weights = weights_of(guess)
    pairs = []
    for code in np.unique(truth):
        hit = (truth == code).astype(np.int64)
        one = value(hit, int(code))
        if one is not None:
            pairs.append((one, float(weights[hit == 1].sum())))
    if guess.settings.averaging == "unweighted":
        pairs = [(one, 1.0) for one, _ in pairs]
    return ratio(sum(one * w for one, w in pairs), sum(w for _, w in pairs))


def label_counts(hit: np.ndarray, guess: Guess, code: int) -> Counts:
    """One class against the others, by predicted label."""
    return counts(hit, (guess.label == code).astype(np.int64), weights_of(guess))


@dataclass(frozen=True, slots=True)
class Ranking:
    """Cumulated weights of hits and misses from the highest score down, one entry per distinct score."""

    score: np.ndarray
    hits: np.ndarray
    misses: np.ndarray

    @property
    def complete(self) -> bool:
        """Both hits and misses occur."""
        return len(self.score) > 0 and self.hits[-1] > 0 and self.misses[-1] > 0


def ranking(hit: np.ndarray, score: np.ndarray, weights: np.ndarray) -> Ranking:
    """Sort once; ROC, precision-recall, lift and thresholds all read it."""
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    ends = (
        np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1) if len(ordered) else np.array([], int)
    )
    hits = np.cumsum(weights[order] * hit[order])
    misses = np.cumsum(weights[order] * (1 - hit[order]))
    return Ranking(ordered[ends], hits[ends], misses[ends])


def roc_area(ranked: Ranking) -> float | None:
    """Area under the ROC curve by trapezoids: the chance that a hit scores above a miss, ties counting half."""
    if not ranked.complete:
        return None
    tpr = np.concatenate([[0.0], ranked.hits / ranked.hits[-1]])
    fpr = np.concatenate([[0.0], ranked.misses / ranked.misses[-1]])
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))


def average_precision(ranked: Ranking) -> float | None:
    """Σ (recallᵢ − recallᵢ₋₁) · precisionᵢ, without interpolation."""
    if not len(ranked.score) or ranked.hits[-1] <= 0:
        return None
    gained = np.diff(np.concatenate([[0.0], ranked.hits]))
    both = ranked.hits + ranked.misses
    precision = np.divide(ranked.hits, both, out=np.zeros_like(both), where=both > 0)
    return float(np.sum(gained * precision) / ranked.hits[-1])


def lift(ranked: Ranking, at: float) -> float | None:
    """Rate of hits among the highest-scored share `at` of the rows, over the rate among all; ties are shared out."""
    if not len(ranked.score) or ranked.hits[-1] <= 0:
        return None
    both = ranked.hits + ranked.misses
    found = np.interp(at * both[-1], np.concatenate([[0.0], both]), np.concatenate([[0.0], ranked.hits]))
    return float(found / ranked.hits[-1] / at)


@dataclass(frozen=True, slots=True)
class Bins:
    """Equal-width bins of probability: weight, mean probability and rate of hits of each; empty ones left out."""

    weight: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray


def probability_bins(hit: np.ndarray, proba: np.ndarray, weights: np.ndarray, *, bins: int = BINS) -> Bins:
    place = np.clip((proba * bins).astype(np.int64), 0, bins - 1)
    weight = np.bincount(place, weights=weights, minlength=bins)
    full = weight > 0
    safe = np.where(full, weight, 1.0)
    predicted = np.bincount(place, weights=weights * proba, minlength=bins) / safe
    observed = np.bincount(place, weights=weights * hit, minlength=bins) / safe
    return Bins(weight[full], predicted[full], observed[full])


def calibration_loss(hit: np.ndarray, proba: np.ndarray, weights: np.ndarray) -> float | None:
    """Mean distance between observed and predicted frequency over ten bins, each by its weight: 0 is perfect."""
    found = probability_bins(hit, proba, weights)
    return ratio(
        float(np.sum(found.weight * np.abs(found.observed - found.predicted))), float(found.weight.sum())
    )


def mean(values: np.ndarray, weights: np.ndarray) -> float | None:
    """Weighted mean; None without rows."""
    total = float(weights.sum())
    return float(np.sum(values * weights) / total) if total > 0 else None


def variance(values: np.ndarray, weights: np.ndarray) -> float | None:
    centre = mean(values, weights)
    return None if centre is None else mean((values - centre) ** 2, weights)


def positive_ranking(truth: np.ndarray, guess: Guess) -> Ranking | None:
    """The ranking of a binary guess by the positive class's probability; None without probabilities."""
    return None if guess.proba is None else ranking(truth, guess.proba[:, 1], weights_of(guess))
