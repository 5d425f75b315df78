"""Guesses to score, and how a kind is asked."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from penstock.core import registry
from penstock.core.score import Guess, MetricSettings, Score

RANDOM = np.random.default_rng(11)
ROWS = 400
WEIGHTS = RANDOM.integers(1, 5, ROWS).astype(float)

PROBA = np.round(RANDOM.random(ROWS), 2)
BINARY = (RANDOM.random(ROWS) < PROBA).astype(np.int64)
BINARY_LABEL = (PROBA >= 0.4).astype(np.int64)

PROBAS = RANDOM.dirichlet([1.0, 2.0, 1.5], ROWS)
CLASSES = np.array([RANDOM.choice(3, p=p) for p in PROBAS])
CLASS_LABEL = PROBAS.argmax(axis=1)

NUMBERS = RANDOM.gamma(2, 3, ROWS)
NUMBER_GUESS = NUMBERS + RANDOM.normal(0.3, 1, ROWS).clip(-NUMBERS, None)


def score(name: str, truth: Any, guess: Guess) -> float | None:
    kind = cast("Score", registry.parse("scores", {"type": name}))
    return kind.score(np.asarray(truth), guess)


def binary(weights: np.ndarray | None = None, **settings: Any) -> Guess:
    proba = np.column_stack([1 - PROBA, PROBA])
    return Guess(BINARY_LABEL, proba, weights, (0, 1), MetricSettings.model_validate(settings))


def multiclass(weights: np.ndarray | None = None, **settings: Any) -> Guess:
    return Guess(CLASS_LABEL, PROBAS, weights, ("a", "b", "c"), MetricSettings.model_validate(settings))


def regression(weights: np.ndarray | None = None) -> Guess:
    return Guess(NUMBER_GUESS, None, weights)


def labels(truth: list[int], label: list[int]) -> tuple[np.ndarray, Guess]:
    return np.array(truth), Guess(np.array(label), None, None, (0, 1))


def same(found: float | None, expected: float) -> bool:
    return found is not None and abs(found - expected) <= 1e-9 * max(1.0, abs(expected))
