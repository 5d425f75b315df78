from __future__ import annotations

import numpy as np
import pytest

from penstock.ml import forecast_measures as measures

TRUTH, SAID = np.array([10.0, 20.0, 0.0, 40.0]), np.array([12.0, 18.0, 1.0, 40.0])


def test_the_measures_are_those_of_their_formulas() -> None:
    assert measures.mae(TRUTH, SAID) == pytest.approx(5 / 4)
    assert measures.rmse(TRUTH, SAID) == pytest.approx(np.sqrt(9 / 4))
    assert measures.mape(TRUTH, SAID) == pytest.approx((0.2 + 0.1 + 0) / 3), "a truth of 0 is left out"
    assert measures.smape(TRUTH, SAID) == pytest.approx((4 / 22 + 4 / 38 + 2 + 0) / 4)
    assert measures.naive_error(np.array([1.0, 2.0, 4.0, 3.0]), 2) == pytest.approx((3 + 1) / 2)
    assert measures.mase(TRUTH, SAID, 2.5) == pytest.approx(0.5)


def test_pinball_loss_weighs_errors_below_and_above() -> None:
    assert measures.quantile_loss(np.array([10.0]), np.array([8.0]), 0.9) == pytest.approx(1.8)
    assert measures.quantile_loss(np.array([10.0]), np.array([12.0]), 0.9) == pytest.approx(0.2)
    assert measures.quantile_loss(TRUTH, SAID, 0.5) == pytest.approx(measures.mae(TRUTH, SAID) / 2)  # type: ignore[operator]
    both = np.stack([SAID, SAID], axis=-1)
    expected = (measures.quantile_loss(TRUTH, SAID, 0.1) + measures.quantile_loss(TRUTH, SAID, 0.9)) / 2  # type: ignore[operator]
    assert measures.mean_quantile_loss(TRUTH, both, (0.1, 0.9)) == pytest.approx(expected)


def test_what_has_no_meaning_is_none_and_never_nan() -> None:
    nothing, zeros = np.empty(0), np.zeros(3)
    assert [f(nothing, nothing) for f in (measures.mae, measures.rmse, measures.mape, measures.smape)] == [
        None
    ] * 4
    assert measures.mape(zeros, zeros + 1) is None
    assert measures.smape(zeros, zeros) == 0
    assert measures.mase(TRUTH, SAID, 0.0) is None
    assert measures.naive_error(np.array([1.0]), 1) is None
    assert measures.quantile_loss(nothing, nothing, 0.5) is None
