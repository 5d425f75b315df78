"""Sort, distinct and top: orders are total, nulls have their place, equals keep theirs."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.core.errors import ColumnMissing, InvalidDefinition
from penstock.core.registry import parse

NAN = float("nan")
MIXED = {
    "k": ["b", None, "", "a", "b", "É"],
    "n": [2**62, -1, None, 3, 2**62, None],
    "x": [1.5, NAN, None, -1.0, 2.5, 0.0],
}


def test_ascending_puts_nulls_first_and_descending_last(columns: Any) -> None:
    assert columns({"type": "sort", "input": "a", "order": ["k"]}, MIXED)["k"] == [
        None,
        "",
        "a",
        "b",
        "b",
        "É",
    ]
    assert columns({"type": "sort", "input": "a", "order": ["-k"]}, MIXED)["k"] == [
        "É",
        "b",
        "b",
        "a",
        "",
        None,
    ]
    assert columns({"type": "sort", "input": "a", "order": ["-n"]}, MIXED)["n"] == [
        2**62,
        2**62,
        3,
        -1,
        None,
        None,
    ]


def test_several_columns_count_in_their_order_and_equals_keep_theirs(columns: Any) -> None:
    table = {"a": [1, 1, 0, 1], "b": ["x", "y", "x", "y"], "at": [0, 1, 2, 3]}
    assert columns({"type": "sort", "input": "a", "order": ["a", "-b"]}, table)["at"] == [2, 1, 3, 0]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=30))
def test_sorting_any_integers_agrees_with_python_and_loses_none(
    columns: Any, numbers: list[int | None]
) -> None:
    table = pa.table({"n": pa.array(numbers, pa.int64())})
    found = columns({"type": "sort", "input": "a", "order": ["n"]}, table)["n"]
    assert found == sorted(numbers, key=lambda n: (n is not None, n or 0))


def test_a_column_that_is_missing_is_named_with_the_nearest_before_anything_runs(run: Any) -> None:
    with pytest.raises(ColumnMissing, match=r"Dataset flights has no column 'carier'.*Did you mean carrier"):
        run({"type": "sort", "input": "flights", "order": ["carier"]}, {"carrier": ["UA"]})


def test_rows_are_filtered_and_completed_before(columns: Any) -> None:
    found = columns(
        {
            "type": "sort", "input": "a", "order": ["twice"],
            "pre_filter": {"rules": [{"column": "n", "operator": ">", "value": 1}]},
            "pre_columns": [{"name": "twice", "formula": "n * 2"}],
        },
        {"n": [3, 1, 2]},
    )  # fmt: skip
    assert found == {"n": [2, 3], "twice": [4, 6]}


@pytest.mark.requirement("A18")
def test_distinct_keeps_each_combination_once_null_and_empty_apart_in_order_of_appearance(
    columns: Any,
) -> None:
    table = {"k": ["b", None, "", "b", None, "a"], "n": [1, 2, 3, 1, 2, 4]}
    found = columns({"type": "distinct", "input": "a", "count": "times"}, table)
    assert found == {"k": ["b", None, "", "a"], "n": [1, 2, 3, 4], "times": [2, 2, 1, 1]}


def test_distinct_of_chosen_columns_gives_only_those(columns: Any) -> None:
    table = {"k": ["b", "a", "b"], "n": [1, 2, 3]}
    assert columns({"type": "distinct", "input": "a", "columns": ["k"]}, table) == {"k": ["b", "a"]}


def test_the_result_of_distinct_may_be_filtered(columns: Any) -> None:
    found = columns(
        {
            "type": "distinct", "input": "a", "count": "times",
            "post_filter": {"rules": [{"column": "times", "operator": ">", "value": 1}]},
        },
        {"k": ["b", "a", "b"]},
    )  # fmt: skip
    assert found == {"k": ["b"], "times": [2]}


TOP = {"type": "top", "input": "a", "output": "out", "group": ["g"], "order": ["-n"]}
SCORES = {"g": ["x", "y", "x", "x", None, "x"], "n": [1, 5, 3, 3, 9, None], "id": [0, 1, 2, 3, 4, 5]}


@pytest.mark.requirement("A18")
def test_top_takes_the_first_of_each_group_and_the_rest_goes_elsewhere_each_row_once(ran: Any) -> None:
    found = ran({**TOP, "first": 2, "rank": "place", "rest": "others"}, SCORES)
    assert [(r["g"], r["id"], r["place"]) for r in found["out"]] == [
        (None, 4, 1), ("x", 2, 1), ("x", 3, 2), ("y", 1, 1),
    ]  # fmt: skip
    assert [r["id"] for r in found["others"]] == [0, 5]


def test_top_takes_the_last_too_and_a_row_at_both_ends_only_once(ran: Any) -> None:
    found = ran({**TOP, "first": 1, "last": 1, "rest": "others"}, SCORES)
    assert [r["id"] for r in found["out"]] == [4, 2, 5, 1]
    assert [r["id"] for r in found["others"]] == [0, 3]


def test_top_of_the_whole_dataset(ran: Any) -> None:
    found = ran({"type": "top", "input": "a", "output": "out", "order": ["n"], "first": 1}, {"n": [2, 1]})
    assert found == {"out": [{"n": 1}]}


def test_top_must_take_something() -> None:
    with pytest.raises(InvalidDefinition, match="first, last, or both"):
        parse("recipes", {**TOP})


def test_no_rows_stay_no_rows(run: Any) -> None:
    nothing = pa.table({"g": pa.array([], pa.string()), "n": pa.array([], pa.int64())})
    assert run({**TOP, "first": 1}, nothing) == []
    assert run({"type": "distinct", "input": "a"}, nothing) == []
    assert run({"type": "sort", "input": "a", "order": ["n"]}, nothing) == []
