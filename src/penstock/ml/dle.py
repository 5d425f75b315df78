"""Direct loss estimation: how far a regression will be off, learned from how far it was off on its test rows.

A second model, LightGBM, learns the loss of a row – |error|, its square, its share of the truth – from the features
and the prediction. Its mean over fresh rows is the score to expect (documentation of NannyML, "Direct Loss
Estimation"). It sees that rows come from where the model is worse. It is blind to a change of what the same data
means (concept drift).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from penstock.core.kind import Definition
from penstock.ml import booster_text, estimates, performance
from penstock.ml.estimates import Estimate, Estimates

Loss = Callable[[np.ndarray, np.ndarray], np.ndarray]
LOSSES: Mapping[str, Loss] = {
    "mae": lambda truth, guess: np.abs(truth - guess),
    "mse": lambda truth, guess: (truth - guess) ** 2,
    "mape": lambda truth, guess: np.abs(truth - guess) / np.abs(truth),
}
"""Score code → the loss of each row whose mean it is; as in the scores, a truth of 0 has no share."""
SETTINGS: Mapping[str, Any] = {"n_estimators": 100, "random_state": 42}
"""LightGBM's own, but for the seed: as in the method's first implementation."""
FEWEST = 50
MOST_LEARNED = 20_000
MANY_ROWS = 50_000
NOT_A_MEAN = "It is no mean of the losses of single rows, so that it cannot be estimated without the truth."


class LossModel(Definition):
    """What an estimator learned from rows with a truth."""

    boosters: dict[str, str]
    """Score code → LightGBM's text form."""
    spread: dict[str, float]
    """Score code → standard deviation of the loss around what was estimated, on rows it has not seen."""
    rows: int
    width: int
    """Features and the prediction."""
    low: float
    high: float
    """The range of the predictions."""


def learn(features: np.ndarray, guess: np.ndarray, truth: np.ndarray) -> LossModel:
    """From (n, w) numbers, NaN where empty, (n,) predictions and (n,) truths of rows the model has not learned from."""
    chosen = estimates.drawn(len(truth), MOST_LEARNED)
    if chosen is not None:
        features, guess, truth = features[chosen], guess[chosen], truth[chosen]
    rows, boosters, spread = _joined(features, guess), dict[str, str](), dict[str, float]()
    for code, loss in LOSSES.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            goal = loss(truth, guess)
        some = np.isfinite(goal)
        if some.sum() >= FEWEST:
            boosters[code] = str(_fitted(rows[some], goal[some]).booster_.model_to_string())
            spread[code] = float(np.std(goal[some] - _out_of_fold(rows[some], goal[some])))
    return LossModel(
        boosters=boosters, spread=spread, rows=len(truth), width=rows.shape[1], low=float(guess.min()),
        high=float(guess.max()),
    )  # fmt: skip


def estimate(
    learned: LossModel, features: np.ndarray, guess: np.ndarray, *, rows: int = 0, confidence: float = 0.95
) -> Estimates:
    """The scores to expect for (n, w) features and (n,) predictions; `rows` when these are a draw of more."""
    count, joined = rows or len(guess), _joined(features, guess)
    threads = 1 if len(guess) < MANY_ROWS else 0
    scores: dict[str, Estimate] = {}
    for code, text in learned.boosters.items():
        booster = booster_text.open_booster(text, "regression", width=learned.width, classes=0)
        losses = np.maximum(booster.predict(joined, num_threads=threads), 0.0)  # no row gains
        value = float(np.mean(losses))
        scores[code] = estimates.band(
            value, spread=learned.spread[code], rows=count, reference_rows=learned.rows, confidence=confidence,
            within=(0.0, np.inf),
        )  # fmt: skip
    if "mse" in scores:
        squared = scores["mse"]
        scores["rmse"] = Estimate(*(float(np.sqrt(v)) for v in (squared.value, squared.lower, squared.upper)))
    every = [score.CODE for score in performance.scores_for("regression")]
    return Estimates(
        method="DLE", scores=scores, unavailable={c: _why_not(c) for c in every if c not in scores}, rows=count,
        reference_rows=learned.rows, confidence=confidence,
        outside=estimates.outside(guess, learned.low, learned.high),
    )  # fmt: skip


def _why_not(code: str) -> str:
    return f"Fewer than {FEWEST} truths of the reference are other than 0." if code in LOSSES else NOT_A_MEAN


def _joined(features: np.ndarray, guess: np.ndarray) -> np.ndarray:
    return np.column_stack([features, guess]).astype(np.float64)


def _fitted(rows: np.ndarray, goal: np.ndarray) -> Any:
    import lightgbm

    model = lightgbm.LGBMRegressor(
        **SETTINGS, n_jobs=1, deterministic=True, force_row_wise=True, verbose=-1
    )  # fmt: skip
    return model.fit(rows, goal)


def _out_of_fold(rows: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """(n,) what each half says of the other."""
    first = np.random.default_rng(estimates.SEED).permutation(len(goal)) % 2 == 0
    found = np.empty_like(goal)
    for half in (first, ~first):
        found[half] = _fitted(rows[~half], goal[~half]).booster_.predict(rows[half], num_threads=1)
    return found
