"""Group and window: nulls, empty texts, huge integers, NaN; SQL's default frame."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from penstock.core.errors import ColumnMissing, Invalid, InvalidDefinition, InvalidExpression
from penstock.core.registry import parse

SALES = {
    "k": ["b", None, "", "b", None, "a"],
    "n": [1, 2, None, 3, 2, None],
    "x": [1.5, None, 2.0, 2.5, 0.5, None],
    "t": ["p", "q", "r", None, "s", "t"],
}


def group(*aggregates: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "group", "input": "sales", "keys": ["k"], "aggregates": list(aggregates), **more}


@pytest.mark.requirement("A18")
def test_groups_come_sorted_nulls_first_and_an_empty_text_is_a_group_of_its_own(columns: Any) -> None:
    found = columns(group({"column": "n", "functions": ["count", "count_distinct", "sum", "avg"]}), SALES)
    assert found == {
        "k": [None, "", "a", "b"],
        "count": [2, 1, 1, 2],
        "n_count": [2, 0, 0, 2],
        "n_count_distinct": [1, 0, 0, 2],
        "n_sum": [4, None, None, 4],
        "n_avg": [2.0, None, None, 2.0],
    }


def test_smallest_largest_and_spread_leave_nulls_out(columns: Any) -> None:
    found = columns(group({"column": "x", "functions": ["min", "max", "stddev", "median"]}), SALES)
    assert found["x_min"] == [0.5, 2.0, None, 1.5]
    assert found["x_max"] == [0.5, 2.0, None, 2.5]
    assert found["x_stddev"] == [None, None, None, pytest.approx(math.sqrt(0.5))]
    assert found["x_median"] == [0.5, 2.0, None, 2.0]


def test_first_last_and_concat_follow_the_rows_or_an_order(columns: Any) -> None:
    asked = {"column": "t", "functions": ["first", "last", "concat"]}
    found = columns(group(asked, record_count=""), SALES)
    assert found["t_first"] == ["q", "r", "t", "p"]
    assert found["t_last"] == ["s", "r", "t", None]
    assert found["t_concat"] == ["q, s", "r", "t", "p"]
    assert columns(group(asked, order=["-t"]), SALES)["t_first"][0] == "s"


def test_an_aggregate_of_a_formula_and_filters_before_and_after(columns: Any) -> None:
    found = columns(
        group(
            {"name": "area", "formula": "n * x", "functions": ["sum"]},
            pre_filter={"rules": [{"column": "n", "operator": "is not empty"}]},
            post_columns=[{"name": "half", "formula": "area_sum / 2"}],
            post_filter={"rules": [{"column": "count", "operator": ">=", "value": 2}]},
        ),
        SALES,
    )
    assert found == {"k": [None, "b"], "count": [2, 2], "area_sum": [1.0, 9.0], "half": [0.5, 4.5]}


def test_without_keys_everything_is_one_group_also_when_there_is_nothing(run: Any) -> None:
    asked = group({"column": "n", "functions": ["sum", "count"]}, keys=[])
    assert run(asked, SALES) == [{"count": 6, "n_sum": 8, "n_count": 4}]
    nothing = pa.table({"n": pa.array([], pa.int64())})
    assert run(asked, nothing) == [{"count": 0, "n_sum": None, "n_count": 0}]


def test_huge_integers_stay_exact_booleans_count_as_one_and_nan_is_not_null(run: Any) -> None:
    table = {"k": [1, 1], "big": [2**61, 2**61 - 1], "ok": [True, False], "x": [1.0, float("nan")]}
    [row] = run(
        group(
            {"column": "big", "functions": ["sum", "max"]},
            {"column": "ok", "functions": ["sum", "avg"]},
            {"column": "x", "functions": ["count"]},
        ),
        table,
    )
    assert (row["big_sum"], row["big_max"]) == (2**62 - 1, 2**61)
    assert (row["ok_sum"], row["ok_avg"], row["x_count"]) == (1, 0.5, 2)


def test_instants_have_a_first_and_a_last_moment(run: Any) -> None:
    times = pa.array([datetime(2013, 1, d, tzinfo=UTC) for d in (2, 1)], pa.timestamp("us", tz="UTC"))
    [row] = run(
        group({"column": "at", "functions": ["min", "max"]}), pa.table({"k": ["a", "a"], "at": times})
    )
    assert (row["at_min"], row["at_max"]) == (
        datetime(2013, 1, 1, tzinfo=UTC),
        datetime(2013, 1, 2, tzinfo=UTC),
    )


def test_the_sum_of_a_text_is_refused_and_says_what_to_do(run: Any) -> None:
    with pytest.raises(Invalid, match=r"sum needs numbers, and t is string.*cast it"):
        run(group({"column": "t", "functions": ["sum"]}), SALES)


def test_missing_columns_are_named(run: Any) -> None:
    with pytest.raises(ColumnMissing, match="Dataset sales has no column 'N'"):
        run(group({"column": "N", "functions": ["sum"]}), SALES)
    with pytest.raises((ColumnMissing, InvalidExpression), match="area"):
        run(group({"name": "x", "formula": "area * 2", "functions": ["sum"]}), SALES)


def test_two_results_of_one_name_are_refused(run: Any) -> None:
    with pytest.raises(Invalid, match="two columns called 'n_sum'"):
        run(group({"column": "n", "functions": ["sum"]}, {"column": "n", "functions": ["sum"]}), SALES)


def test_the_columns_are_known_before_anything_runs() -> None:
    from penstock.core.schema import Column

    recipe: Any = parse("recipes", {"output": "out", **group({"column": "n", "functions": ["sum", "avg"]})})
    found = recipe.schemas({"sales": (Column(name="k"), Column(name="n", type="int"))})["out"]
    assert [(c.name, c.type) for c in found] == [
        ("k", "string"), ("count", "bigint"), ("n_sum", "bigint"), ("n_avg", "double"),
    ]  # fmt: skip


DELAYS = {
    "plane": ["x", "x", "y", "x", "x", "y"],
    "hour": [1, 2, 1, 2, 4, None],
    "delay": [10, 20, 5, 30, None, 7],
}


def window(*new: dict[str, Any], **more: Any) -> dict[str, Any]:
    settings = {"partition": ["plane"], "order": ["hour"], **more}
    return {"type": "window", "input": "flights", "columns": list(new), **settings}


def asked(columns: Any, function: str, **more: Any) -> list[Any]:
    fields = {k: more.pop(k) for k in ("column", "offset", "frame") if k in more}
    return columns(window({"function": function, "name": "new", **fields}, **more), DELAYS)["new"]


@pytest.mark.requirement("A18")
def test_rows_keep_their_order_and_ranks_begin_with_one(columns: Any) -> None:
    found = columns(
        window({"function": "row_number"}, {"function": "rank"}, {"function": "dense_rank"}), DELAYS
    )
    assert found["delay"] == DELAYS["delay"]
    assert found["row_number"] == [1, 2, 2, 3, 4, 1]
    assert found["rank"] == [1, 2, 2, 2, 4, 1]
    assert found["dense_rank"] == [1, 2, 2, 2, 3, 1]


def test_lag_and_lead_look_at_neighbours_of_the_partition(columns: Any) -> None:
    assert asked(columns, "lag", column="delay") == [None, 10, 7, 20, 30, None]
    assert asked(columns, "lead", column="delay") == [20, 30, None, None, None, 5]
    assert asked(columns, "lag", column="delay", offset=2) == [None, None, None, 10, 20, None]


def test_without_a_frame_an_order_means_up_to_the_current_row_and_its_equals(columns: Any) -> None:
    assert asked(columns, "sum", column="delay") == [10, 60, 12, 60, 60, 7]
    assert asked(columns, "count") == [1, 3, 2, 3, 4, 1]


def test_without_a_frame_and_order_the_whole_partition_is_meant(columns: Any) -> None:
    assert asked(columns, "sum", column="delay", order=[]) == [60, 60, 12, 60, 60, 12]
    assert asked(columns, "max", column="delay", order=[], partition=[]) == [30] * 6


def test_a_frame_of_rows_counts_rows(columns: Any) -> None:
    frame = {"by": "rows", "before": 1, "after": 0}
    assert asked(columns, "sum", column="delay", frame=frame) == [10, 30, 12, 50, 30, 7]
    ahead = {"by": "rows", "before": 0, "after": None}
    assert asked(columns, "sum", column="delay", frame=ahead) == [60, 50, 5, 30, None, 12]
    assert asked(columns, "first", column="delay", frame={"by": "rows", "before": None, "after": 0}) == [
        10, 10, 7, 10, 10, 7,
    ]  # fmt: skip


def test_a_frame_by_range_counts_differences_of_the_order_column(columns: Any) -> None:
    frame = {"by": "range", "before": 1, "after": 0}
    assert asked(columns, "sum", column="delay", frame=frame)[:5] == [10, 60, 5, 60, None]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (window({"function": "rank"}, order=[]), "rank needs an order"),
        (window({"function": "sum"}), "sum needs a column"),
        (
            window({"function": "count"}, order=["a", "b"], frame={"by": "range", "before": 1}),
            "exactly one order column",
        ),
    ],
)
def test_a_window_that_cannot_work_is_refused_when_it_is_saved(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        parse("recipes", {"output": "out", **fields})
