"""Filter, split and sync: which rows go where, with today's variables."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import ibis
import pyarrow as pa
import pytest

from penstock.core.errors import ActivityFailed, ColumnMissing, InvalidDefinition, UndefinedVariable
from penstock.core.registry import parse

DAYS = {"day": [date(2013, 1, 31), date(2013, 2, 1), None, date(2013, 3, 1)], "n": [1, 2, 3, 4]}


def with_variables(
    place: Any, definition: dict[str, Any], table: Any, **variables: Any
) -> dict[str, list[Any]]:
    """The `n` of each output, run as a job runs it."""
    written: dict[str, list[Any]] = {}
    ctx = SimpleNamespace(
        variables=variables,
        recipe_name="r",
        read=lambda name: ibis.memtable(pa.table(table)),
        write=lambda name, rows: written.update({name: [r["n"] for r in place.rows(rows)]}),
    )
    recipe: Any = parse("recipes", definition)
    recipe.run(ctx)
    return written


@pytest.mark.requirement("A11")
def test_a_filter_uses_the_value_a_variable_has_at_run_time(place: Any) -> None:
    filtered = {
        "type": "filter", "input": "a", "output": "out",
        "filter": {
            "rules": [
                {"column": "day", "operator": ">=", "value": "${start_date}"},
                {"column": "day", "operator": "<", "value": "${end_date}"},
            ]
        },
    }  # fmt: skip
    assert with_variables(place, filtered, DAYS, start_date="2013-02-01", end_date="2013-03-01") == {
        "out": [2]
    }
    assert with_variables(place, filtered, DAYS, start_date="2013-01-01", end_date="2014-01-01") == {
        "out": [1, 2, 4]
    }
    with pytest.raises(UndefinedVariable, match="end_date"):
        with_variables(place, filtered, DAYS, start_date="2013-02-01")


@pytest.mark.requirement("A11")
def test_a_split_on_a_date_uses_the_value_a_variable_has_at_run_time(place: Any) -> None:
    split = {
        "type": "split", "input": "a", "method": "filters", "rest": "new",
        "parts": [
            {"output": "train", "filter": {"rules": [{"column": "day", "operator": "<", "value": "${cut}"}]}}
        ],
    }  # fmt: skip
    assert with_variables(place, split, DAYS, cut="2013-02-15") == {"train": [1, 2], "new": [3, 4]}
    assert with_variables(place, split, DAYS, cut="2013-01-01") == {"train": [], "new": [1, 2, 3, 4]}


def test_a_filter_may_take_a_sample_of_what_it_keeps(run: Any) -> None:
    rows = run(
        {
            "type": "filter", "input": "a", "filter": {"formula": "n > 1"},
            "sampling": {"type": "first", "n": 2},
        },
        DAYS,
    )  # fmt: skip
    assert [r["n"] for r in rows] == [2, 3]


def test_a_filter_on_a_missing_column_names_dataset_and_nearest(run: Any) -> None:
    with pytest.raises(ColumnMissing, match=r"Dataset flights.*dya.*day"):
        run(
            {
                "type": "filter",
                "input": "flights",
                "filter": {"rules": [{"column": "dya", "operator": "is empty"}]},
            },
            DAYS,
        )


def numbers(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[Any]]:
    return {name: [row["n"] for row in rows] for name, rows in found.items()}


def test_by_values_each_row_goes_to_the_first_part_that_lists_its_value(ran: Any) -> None:
    split = {
        "type": "split", "input": "a", "method": "values", "column": "k", "rest": "rest",
        "parts": [{"output": "one", "values": ["x", None]}, {"output": "two", "values": ["", "x"]}],
    }  # fmt: skip
    found = ran(split, {"k": ["x", "", None, "y"], "n": [1, 2, 3, 4]})
    assert numbers(found) == {"one": [1, 3], "two": [2], "rest": [4]}


def shares(method: str, *parts: float, **more: Any) -> dict[str, Any]:
    outputs = [{"output": f"part_{i}", "share": share} for i, share in enumerate(parts)]
    return {"type": "split", "input": "a", "method": method, "parts": outputs, **more}


def test_by_chance_the_parts_have_their_shares_share_nothing_and_lose_nothing(ran: Any) -> None:
    found = numbers(ran(shares("random", 0.8, 0.2), {"n": list(range(20_000))}))
    assert len(found["part_0"]) == pytest.approx(16_000, abs=250)
    assert sorted(found["part_0"] + found["part_1"]) == list(range(20_000))
    assert found["part_0"] == sorted(found["part_0"])


def test_the_same_seed_gives_the_same_split_and_another_one_another(ran: Any) -> None:
    table = {"n": list(range(1000))}
    once = numbers(ran(shares("random", 0.5, rest="rest"), table))
    assert numbers(ran(shares("random", 0.5, rest="rest"), table)) == once
    assert numbers(ran(shares("random", 0.5, rest="rest", seed=1), table)) != once
    assert sorted(once["part_0"] + once["rest"]) == list(range(1000))


def test_random_values_keep_all_rows_of_a_value_together(ran: Any) -> None:
    table = {"k": [None if i % 50 == 0 else f"card {i % 50}" for i in range(2000)], "n": list(range(2000))}
    found = ran(shares("random_values", 0.5, 0.5, column="k"), table)
    seen = [{row["k"] for row in rows} for rows in found.values()]
    assert not seen[0] & seen[1]
    assert len(seen[0] | seen[1]) == 50
    assert 10 < len(seen[0]) < 40


def test_by_order_the_sorted_rows_are_cut_exactly(ran: Any) -> None:
    found = numbers(ran(shares("order", 0.8, 0.2, order=["n"]), {"n": [5, 3, None, 1, 4, 2, 9, 8, 7, 6]}))
    assert found == {"part_0": [None, 1, 2, 3, 4, 5, 6, 7], "part_1": [8, 9]}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (shares("random", 0.8, 0.3), "more than 1"),
        (shares("random_values", 0.5), "needs a column"),
        (shares("order", 0.5), "needs an order"),
        (shares("filters", 0.5), "needs a filter"),
        (shares("random", 0.5, rest="part_0"), "named once"),
    ],
)
def test_a_split_that_cannot_work_is_refused_when_it_is_saved(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        parse("recipes", fields)


def synced(place: Any, mode: str, columns: list[dict[str, str]]) -> list[dict[str, Any]]:
    output: Any = parse("datasets", {"type": "managed", "columns": columns})
    written: list[dict[str, Any]] = []
    ctx = SimpleNamespace(
        project=SimpleNamespace(dataset=lambda name: output),
        read=lambda name: ibis.memtable(pa.table({"id": [1, 2], "name": ["é", None]})),
        write=lambda name, rows: written.extend(place.rows(rows)),
    )
    recipe: Any = parse("recipes", {"type": "sync", "input": "a", "output": "b", "schema_mode": mode})
    recipe.run(ctx)
    return written


def test_sync_copies_as_it_is_when_the_output_declares_no_columns(place: Any) -> None:
    assert synced(place, "strict", []) == [{"id": 1, "name": "é"}, {"id": 2, "name": None}]


def test_strict_sync_refuses_other_columns_and_says_which(place: Any) -> None:
    assert len(synced(place, "strict", [{"name": "id", "type": "bigint"}, {"name": "name"}])) == 2
    with pytest.raises(ActivityFailed, match=r"column 'ID' was removed.*; column 'id' was added"):
        synced(place, "strict", [{"name": "ID", "type": "bigint"}, {"name": "name"}])


def test_sync_by_name_drops_reorders_and_fills_and_minds_capitals(place: Any) -> None:
    declared = [{"name": "name"}, {"name": "extra", "type": "date"}, {"name": "id", "type": "string"}]
    assert synced(place, "by_name", declared)[0] == {"name": "é", "extra": None, "id": "1"}
    assert synced(place, "by_name", [{"name": "ID", "type": "bigint"}])[0] == {"ID": None}
