"""Rows to learn from, and how a kind is made and asked."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from penstock.core import registry
from penstock.core.algorithm import Algorithm

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(300, 4))
BINARY = (X[:, 0] + 0.3 * RANDOM.normal(size=300) > 0).astype(np.int64)
CLASSES = np.digitize(X[:, 0], [-0.5, 0.5])
NUMBER = 3 * X[:, 0] - X[:, 1] + 0.1 * RANDOM.normal(size=300)
TARGET = {"binary": BINARY, "multiclass": CLASSES, "regression": NUMBER}


def algorithm(name: str, **settings: Any) -> Algorithm:
    return cast("Algorithm", registry.parse("algorithms", {"type": name, **settings}))


def fitted(chosen: Algorithm, kind: str = "binary", *, seed: int = 1337, threads: int = 1) -> Any:
    return chosen.estimator(kind, seed=seed, threads=threads).fit(X, TARGET[kind])


def quality(estimator: Any, kind: str = "binary") -> float:
    """Accuracy, or R2."""
    return float(estimator.score(X, TARGET[kind]))
