"""Clip numbers: into a range, or out of sight."""

from __future__ import annotations

import pytest

from penstock.core.errors import InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


def test_numbers_outside_become_the_nearest_end() -> None:
    found = prepared(
        a_step("clip", columns=["i", "f"], lower=0, upper=10), i=[-5, 5, 50, None], f=[-0.5, 0.5, 10.5, None]
    )
    assert found == {"i": [0, 5, 10, None], "f": [0.0, 0.5, 10.0, None]}


def test_numbers_outside_may_be_cleared() -> None:
    assert prepared(a_step("clip", columns="i", upper=10, outside="clear"), i=[5, 50])["i"] == [5, None]


def test_a_fractional_end_makes_whole_numbers_decimals() -> None:
    assert prepared(a_step("clip", columns="i", lower=0.5), i=[0, 2])["i"] == [0.5, 2.0]


@pytest.mark.parametrize("settings", [{}, {"lower": 2, "upper": 1}])
def test_an_impossible_range_is_refused_at_save(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidDefinition):
        a_step("clip", columns="x", **settings)
