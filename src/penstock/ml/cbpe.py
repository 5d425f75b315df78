"""Confidence-based performance estimation: what scores a classifier would have, from calibrated probabilities.

When a row's calibrated probabilities are right, it is of class k with probability p_k. So each row counts as one of
every class, weighed by p_k, and the scores of these weighed rows are the expected ones: of a binary model the
expected true positives are Σ p over the rows predicted positive, the false ones Σ (1 − p), and so on (Kivimäki,
Białek, Kuberski and Nurminen, "Performance Estimation in Binary Classification Using Calibrated Confidence",
arXiv 2505.05295; the documentation of NannyML for many classes). The estimate sees shifts of the data. It is blind to
a change of what the same data means (concept drift), for then the probabilities are wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from penstock.core.kind import Definition
from penstock.core.score import Guess, PredictionType
from penstock.ml import calibration, estimates, performance
from penstock.ml.calibration import Calibrator
from penstock.ml.estimates import Estimate, Estimates

Way = Literal["none", "sigmoid", "isotonic"]
WAYS: tuple[Way, ...] = ("none", "sigmoid", "isotonic")
FOLDS = 3
BETTER = 0.995
"""A way of calibrating is taken when its Brier score is this share of the one without, or less."""
FEWEST = 50
"""Rows with a truth that an estimator needs."""
DRAWS, DRAWN_ROWS = 100, 2_000
"""Truths that are made up to see how far a score moves, and rows of each."""
MOST_CELLS = 20_000_000
"""Of the weighed rows: rows × classes × classes."""
OF_PROBABILITIES = "It compares probabilities with what came true, and the estimate takes them for right."
SHARES = {
    "accuracy", "precision", "recall", "f1", "auc", "mrocAUC", "averagePrecision", "hammingLoss",
}  # fmt: skip
"""Codes of scores that lie between 0 and 1."""
NEVER_NEGATIVE = {"logLoss", "lift"}


class Calibrated(Definition):
    """What an estimator learned from rows with a truth."""

    way: Way
    calibrator: Calibrator | None = None
    """None: the probabilities were right as they are."""
    tried: dict[str, float] = {}
    """Way → its Brier score on rows it has not seen."""
    rows: int
    low: float
    high: float
    """The range of the highest probability of a row."""

    def bend(self, proba: np.ndarray) -> np.ndarray:
        """(n, k) → (n, k) that sum to 1."""
        return proba if self.calibrator is None else self.calibrator.bend(proba)


def learn(proba: np.ndarray, truth: np.ndarray, weights: np.ndarray | None = None) -> Calibrated:
    """From (n, k) probabilities and (n,) class codes of rows the model has not learned from.

    Of none, sigmoid (Platt) and isotonic, the way with the smallest Brier score in threefold cross-validation is
    taken; bending must pay, or the probabilities stay as they are.
    """
    tried = {way: _brier(way, proba, truth, weights) for way in WAYS}
    best = min(WAYS, key=lambda way: tried[way])
    way: Way = best if best == "none" or tried[best] < BETTER * tried["none"] else "none"
    top = proba.max(axis=1)
    return Calibrated(
        way=way, calibrator=None if way == "none" else calibration.fit(way, proba, truth, weights),
        tried=tried, rows=len(truth), low=float(top.min()), high=float(top.max()),
    )  # fmt: skip


def estimate(
    learned: Calibrated, guess: Guess, prediction_type: PredictionType, *, confidence: float = 0.95
) -> Estimates:
    """The scores to expect for n rows: (n,) predicted codes and (n, k) probabilities, as the model gave them."""
    assert guess.proba is not None
    count = len(guess.label)
    chosen = estimates.drawn(count, min(estimates.MOST_ROWS, MOST_CELLS // guess.proba.shape[1] ** 2))
    some = guess if chosen is None else performance.taken(guess, chosen)
    assert some.proba is not None
    right = learned.bend(some.proba)
    expected = _estimable(performance.performance(*_weighed(some, right), prediction_type))
    spread = _spread(some, right, prediction_type, list(expected))
    scores = {
        code: _banded(code, value, spread[code], (count, learned.rows), confidence)
        for code, value in expected.items()
        if code in spread
    }
    return Estimates(
        method="CBPE", scores=scores, unavailable=_gaps(prediction_type, scores), rows=count,
        reference_rows=learned.rows, calibration=learned.way, confidence=confidence,
        outside=estimates.outside(guess.proba.max(axis=1), learned.low, learned.high),
    )  # fmt: skip


def _banded(code: str, value: float, spread: float, rows: tuple[int, int], confidence: float) -> Estimate:
    within = (0.0 if code in SHARES | NEVER_NEGATIVE else -np.inf, 1.0 if code in SHARES else np.inf)
    return estimates.band(
        value, spread=spread, rows=rows[0], reference_rows=rows[1], confidence=confidence, within=within
    )


def _weighed(guess: Guess, right: np.ndarray) -> tuple[np.ndarray, Guess]:
    """Each row once for every class, weighed by the probability of it: (n·k,) codes and their guess."""
    assert guess.proba is not None
    count, classes = right.shape
    weights = right.T.ravel()
    if guess.weights is not None:
        weights = weights * np.tile(guess.weights, classes)
    whole = replace(
        guess, label=np.tile(guess.label, classes), proba=np.tile(guess.proba, (classes, 1)), weights=weights
    )
    return np.repeat(np.arange(classes), count), whole


def _estimable(values: dict[str, float | None]) -> dict[str, float]:
    return {c: v for c, v in values.items() if v is not None and not c.lower().endswith("calibrationloss")}


def _gaps(prediction_type: PredictionType, scores: dict[str, Estimate]) -> dict[str, str]:
    every = [score.CODE for score in performance.scores_for(prediction_type)]
    return {
        code: OF_PROBABILITIES
        if code.lower().endswith("calibrationloss")
        else "It is not defined on these rows."
        for code in every
        if code not in scores
    }


def _spread(
    guess: Guess, right: np.ndarray, prediction_type: PredictionType, codes: list[str]
) -> dict[str, float]:
    """Code → standard deviation that one row brings: of the score over made-up truths, times √rows."""
    chosen = estimates.drawn(len(right), DRAWN_ROWS)
    if chosen is not None:
        guess, right = performance.taken(guess, chosen), right[chosen]
    chance = np.random.default_rng(estimates.SEED)
    seen: dict[str, list[float]] = {code: [] for code in codes}
    for _ in range(DRAWS):
        found = performance.performance(_truth(right, chance), guess, prediction_type)
        for code in codes:
            value = found.get(code)
            if value is not None:
                seen[code].append(value)
    rows = len(right)
    return {c: float(np.std(values, ddof=1) * np.sqrt(rows)) for c, values in seen.items() if len(values) > 1}


def _truth(right: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """(n,) class codes drawn from the probabilities of each row."""
    cuts = np.cumsum(right, axis=1)
    drawn = chance.random(len(right)) * cuts[:, -1]
    codes: np.ndarray = (drawn[:, None] >= cuts[:, :-1]).sum(axis=1)
    return codes


def _brier(way: Way, proba: np.ndarray, truth: np.ndarray, weights: np.ndarray | None) -> float:
    """Mean squared distance from the truth (Brier 1950), on rows that calibration has not seen."""
    places = np.random.default_rng(estimates.SEED).permutation(len(truth)) % FOLDS
    bent = np.empty_like(proba)
    for fold in range(FOLDS):
        held, rest = places == fold, places != fold
        bent[held] = proba[held]
        if way != "none":
            own = None if weights is None else weights[rest]
            bent[held] = calibration.fit(way, proba[rest], truth[rest], own).bend(proba[held])
    hits = np.eye(proba.shape[1])[truth]
    return float(np.average(((bent - hits) ** 2).sum(axis=1), weights=weights))
