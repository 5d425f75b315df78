"""Direct loss estimation: worlds whose errors are known, and NannyML's own answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.errors import UntrustedModel
from penstock.core.score import Guess
from penstock.ml import dle, performance

FIXTURES = Path(__file__).parents[1] / "fixtures" / "nannyml"
ORACLE = json.loads((FIXTURES / "estimates.json").read_text())["regression"]


def world(rows: int, seed: int, *, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, predictions, truths: the error grows with |x|, so that a shift of x makes the model worse."""
    random = np.random.default_rng(seed)
    x, z = random.normal(shift, 1, rows), random.normal(0, 1, rows)
    guess = 10 + 3 * x + z
    return np.column_stack([x, z]), guess, guess + random.normal(0, 0.3 + np.abs(x), rows)


def measured(guess: np.ndarray, truth: np.ndarray) -> dict[str, float | None]:
    return performance.performance(truth, Guess(label=guess), "regression")


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_errors_are_told_without_the_truth_also_where_the_data_moved(shift: float) -> None:
    learned = dle.learn(*world(10_000, 1))
    features, guess, truth = world(5_000, 2, shift=shift)
    found, real = dle.estimate(learned, features, guess).scores, measured(guess, truth)
    for code in ("mae", "rmse"):
        assert found[code].value == pytest.approx(real[code], rel=0.06), code


def test_a_constant_error_is_known_exactly() -> None:
    features = np.random.default_rng(1).normal(size=(400, 2))
    guess = features[:, 0] + 10
    learned = dle.learn(features, guess, guess + 2)
    found = dle.estimate(learned, features, guess).scores
    assert (found["mae"].value, found["mse"].value, found["rmse"].value) == pytest.approx((2, 4, 2))
    assert found["mae"].upper - found["mae"].lower == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
def test_the_band_holds_the_measured_error_as_often_as_it_promises() -> None:
    """100 fresh batches of the same world: 95 % are promised; by chance 86 of 100 are missed once in 2,000 trials."""
    learned = dle.learn(*world(4_000, 3))
    inside = dict.fromkeys(("mae", "mse", "rmse"), 0)
    for seed in range(100):
        features, guess, truth = world(1_000, 100 + seed)
        found, real = dle.estimate(learned, features, guess).scores, measured(guess, truth)
        for code in inside:
            value = real[code]
            assert value is not None
            inside[code] += found[code].holds(value)
    assert min(inside.values()) >= 86, inside


def test_what_is_no_mean_of_losses_is_not_estimated() -> None:
    learned = dle.learn(*world(200, 4))
    features, guess, _ = world(100, 5)
    found = dle.estimate(learned, features, guess)
    assert set(found.scores) == {"mae", "mse", "mape", "rmse"}
    assert "no mean" in found.unavailable["r2"]


def test_shares_of_a_truth_of_zero_are_left_out() -> None:
    features, guess, truth = world(300, 6)
    truth[:260] = 0.0
    learned = dle.learn(features, guess, truth)
    assert "mape" not in learned.boosters
    assert "other than 0" in dle.estimate(learned, features, guess).unavailable["mape"]


def test_predictions_beyond_those_of_the_reference_are_counted() -> None:
    features, guess, truth = world(300, 7)
    found = dle.estimate(dle.learn(features, guess, truth), features, guess + 1000)
    assert found.outside == 1.0


def test_the_same_rows_give_the_same_numbers() -> None:
    assert dle.learn(*world(300, 8)) == dle.learn(*world(300, 8))


def test_a_text_that_was_tampered_with_is_not_opened() -> None:
    learned = dle.learn(*world(200, 9))
    bad = learned.changed(
        boosters={"mae": learned.boosters["mae"].replace("max_feature_idx=2", "max_feature_idx=9")}
    )
    features, guess, _ = world(10, 10)
    with pytest.raises(UntrustedModel):
        dle.estimate(bad, features, guess)


def _columns(table: pa.Table, *names: str) -> list[np.ndarray]:
    return [table[name].to_numpy() for name in names]


@pytest.mark.parametrize("code", ["mae", "mse", "rmse", "mape"])
def test_losses_are_estimated_as_nannyml_does(code: str) -> None:
    """The same LightGBM with the same seed on the same rows."""
    x, z, guess, truth = _columns(
        pq.read_table(FIXTURES / "regression_reference.parquet"), "x", "z", "prediction", "truth"
    )
    learned = dle.learn(np.column_stack([x, z]), guess, truth)
    x, z, guess = _columns(pq.read_table(FIXTURES / "regression_current.parquet"), "x", "z", "prediction")
    found = dle.estimate(learned, np.column_stack([x, z]), guess).scores[code]
    assert found.value == pytest.approx(ORACLE[code]["value"], rel=1e-6)
