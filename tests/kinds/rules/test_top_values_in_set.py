from __future__ import annotations

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged

STATES = {"x": ["CA"] * 3 + ["TX"] * 2 + ["NY"] + [None] * 9 + [""] * 9}


def test_only_the_most_frequent_filled_values_are_judged() -> None:
    settings = {"type": "top_values_in_set", "column": "x", "values": ["TX", "CA"]}
    found = judged(STATES, **settings, top=2)
    assert (found.verdict, found.observed) == (Verdict.OK, "CA, TX")
    found = judged(STATES, **settings, top=3)
    assert found.verdict is Verdict.ERROR
    assert found.message.startswith("NY (not in the set)")


def test_numbers_compare_as_numbers() -> None:
    assert (
        judged({"x": [1.0, 1.0, 2.0]}, type="top_values_in_set", column="x", values=[1, 2]).verdict
        is Verdict.OK
    )


def test_a_column_without_values_gives_empty() -> None:
    assert judged({"x": [""]}, type="top_values_in_set", column="x", values=["a"]).verdict is Verdict.EMPTY
