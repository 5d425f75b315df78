"""Mean quantile loss by hand."""

from __future__ import annotations

import numpy as np

from penstock.core.score import Ahead, Guess

from .given import same, score

SAID = np.array([[0.0, 2.0], [1.0, 3.0]])


def guess(quantiles: np.ndarray | None) -> Guess:
    return Guess(np.ones(2), ahead=Ahead(np.zeros(2, int), np.ones(1), quantiles, (0.1, 0.9)))


def test_an_error_below_costs_the_quantile_and_one_above_the_rest() -> None:
    below, above = (0.1 * 1 + 0.1 * 1) / 2, (0.1 * 1 + 0.1 * 1) / 2
    assert same(score("mean_quantile_loss", [1.0, 2.0], guess(SAID)), (below + above) / 2)


def test_without_quantiles_there_is_none() -> None:
    assert score("mean_quantile_loss", [1.0, 2.0], guess(None)) is None
    assert score("mean_quantile_loss", [1.0, 2.0], Guess(np.ones(2))) is None
