from __future__ import annotations

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged


def test_the_most_frequent_filled_value_is_judged() -> None:
    rows = {"x": ["b", "b", "a", "", "", ""]}
    assert judged(rows, type="mode_in_set", column="x", values=["b"]).verdict is Verdict.OK
    assert judged(rows, type="mode_in_set", column="x", values=["a"]).message == "b (not one of a)"


def test_of_equally_frequent_values_the_smallest_is_the_mode() -> None:
    assert judged({"x": ["b", "a"]}, type="mode_in_set", column="x", values=["a"]).verdict is Verdict.OK


def test_a_column_without_values_gives_empty() -> None:
    assert judged({"x": [""]}, type="mode_in_set", column="x", values=["a"]).verdict is Verdict.EMPTY
