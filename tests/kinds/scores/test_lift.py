"""Lift by hand."""

from __future__ import annotations

import numpy as np
import pytest

from .given import BINARY, PROBA, binary, score


@pytest.mark.parametrize("share", [0.1, 0.4, 1.0])
def test_it_compares_the_most_probable_rows_with_all(share: float) -> None:
    """Ties at the cut count in proportion."""
    order = np.argsort(-PROBA)
    top = round(share * len(BINARY))
    cut = PROBA[order[top - 1]]
    above, tied = cut < PROBA, cut == PROBA
    found = BINARY[above].sum() + BINARY[tied].mean() * (top - above.sum())
    expected = found / top / BINARY.mean()
    assert score("lift", BINARY, binary(lift_at=share)) == pytest.approx(expected)


def test_no_positive_row_has_no_lift() -> None:
    assert score("lift", np.zeros_like(BINARY), binary()) is None
