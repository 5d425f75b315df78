"""Hyperparameters: one value, a list to try, or a range."""

from __future__ import annotations

from typing import cast

import pytest

from penstock.core import registry
from penstock.core.algorithm import Algorithm, IntegerRange, NumberRange
from penstock.core.errors import InvalidDefinition


def parse(**settings: object) -> Algorithm:
    return cast("Algorithm", registry.parse("algorithms", {"type": "lightgbm", **settings}))


def test_lists_and_ranges_are_the_space_and_values_are_not() -> None:
    found = parse(trees=[50, 100], learning_rate={"low": 0.01, "high": 0.3, "log": True}, leaves=7)
    assert found.space() == {"trees": (50, 100), "learning_rate": NumberRange(low=0.01, high=0.3, log=True)}


def test_whole_numbers_keep_whole_ranges() -> None:
    assert parse(leaves={"low": 4, "high": 64}).space() == {"leaves": IntegerRange(low=4, high=64)}


def test_a_candidate_has_nothing_open() -> None:
    found = parse(trees=[50, 100]).candidate(trees=50)
    assert found.space() == {}
    assert found.settings()["trees"] == 50


def test_a_limit_may_be_none_in_a_list() -> None:
    assert parse(max_depth=[3, None]).space() == {"max_depth": (3, None)}


@pytest.mark.parametrize(
    "bad", [{"low": 3, "high": 3}, {"low": 0, "high": 3, "log": True}, 0, [0, 5], "many"]
)
def test_impossible_values_are_refused(bad: object) -> None:
    with pytest.raises(InvalidDefinition, match=r"^trees"):
        parse(trees=bad)
