"""Impute: every column by its type."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared


def test_numbers_get_the_median_and_texts_the_most_frequent_value() -> None:
    found = prepared(a_step("impute"), n=[1.0, None, 9.0], t=["x", "", "x"])
    assert found == {"n": [1.0, 5.0, 9.0], "t": ["x", "x", "x"]}


def test_flags_say_where_a_value_was_missing() -> None:
    step = a_step("impute", columns=["n", "t"], numbers="zero", others="constant", constant="?", flag=True)
    found = prepared(step, n=[1, None], t=["", "x"])
    assert list(found) == ["n", "n_missing", "t", "t_missing"]
    assert found == {"n": [1, 0], "n_missing": [0, 1], "t": ["?", "x"], "t_missing": [1, 0]}


def test_other_types_may_be_kept_as_they_are() -> None:
    assert prepared(a_step("impute", others="keep"), t=["", None])["t"] == ["", None]
