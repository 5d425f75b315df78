"""LightGBM."""

from __future__ import annotations

import numpy as np
import pytest

from .given import algorithm, fitted, quality


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_it_learns(kind: str) -> None:
    assert quality(fitted(algorithm("lightgbm"), kind), kind) > 0.85


@pytest.mark.requirement("M97")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("sampled", [{}, {"row_share": 0.5, "column_share": 0.5}])
def test_the_same_seed_gives_the_same_trees_whatever_the_threads(
    kind: str, sampled: dict[str, float]
) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(6000, 10))
    target = rows[:, 0] + rows[:, 1] * rows[:, 2] + random.normal(size=6000)
    if kind != "regression":
        target = np.digitize(target, [0] if kind == "binary" else [-1, 1])
    chosen = algorithm("lightgbm", trees=8, **sampled)
    one, two = (chosen.estimator(kind, seed=1337, threads=n).fit(rows, target) for n in (1, 2))
    np.testing.assert_array_equal(one.predict(rows, raw_score=True), two.predict(rows, raw_score=True))


def test_settings_reach_the_library() -> None:
    chosen = algorithm(
        "lightgbm", trees=5, leaves=4, max_depth=2, learning_rate=0.3, l1=0.1, l2=0.2, min_leaf=7
    )
    found = chosen.estimator("binary", seed=1, threads=1).get_params()
    expected = {
        "n_estimators": 5, "num_leaves": 4, "max_depth": 2, "learning_rate": 0.3, "reg_alpha": 0.1,
        "reg_lambda": 0.2, "min_child_samples": 7,
    }  # fmt: skip
    assert {k: found[k] for k in expected} == expected
