"""Lineage of visual recipes is read off their expressions; of code it is a guess by name."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import registry
from penstock.core.recipe import Recipe
from penstock.core.schema import Column, Schema


def columns(**types: Any) -> Schema:
    return tuple(Column(name=name, type=type) for name, type in types.items())


SCHEMAS = {
    "flights": columns(carrier="string", air_time="bigint", distance="double", day="date"),
    "carriers": columns(carrier="string", name="string"),
}


def lineage(**definition: Any) -> dict[str, set[str]]:
    """Column of the output → columns it comes from; all of them sure."""
    recipe = registry.parse("recipes", {"output": "made", **definition})
    assert isinstance(recipe, Recipe)
    found: dict[str, set[str]] = {}
    for r in recipe.lineage("r", SCHEMAS):
        assert r.sure
        found.setdefault(r.target_column, set()).add(f"{r.source}.{r.source_column}")
    return found


@pytest.mark.requirement("D95")
def test_prepare_follows_formulas_and_new_names() -> None:
    steps = [
        {"type": "formula", "column": "speed", "formula": "distance / air_time"},
        {"type": "rename", "columns": {"day": "date"}},
        {"type": "formula", "column": "mph", "formula": "speed * 60"},
        {"type": "delete_columns", "columns": ["carrier"]},
    ]
    found = lineage(type="prepare", input="flights", steps=steps)
    assert found["mph"] == found["speed"] == {"flights.distance", "flights.air_time"}
    assert found["date"] == {"flights.day"}
    assert "carrier" not in found


@pytest.mark.requirement("D95")
def test_join_knows_each_side() -> None:
    found = lineage(
        type="join",
        inputs=[
            {"dataset": "flights"},
            {"dataset": "carriers", "on": [{"left": "carrier", "right": "carrier"}], "prefix": "c_"},
        ],
    )  # fmt: skip
    assert found["distance"] == {"flights.distance"}
    assert found["c_name"] == {"carriers.name"}


@pytest.mark.requirement("D95")
def test_group_knows_what_is_aggregated_and_a_count_of_rows_comes_from_no_column() -> None:
    found = lineage(
        type="group", input="flights", keys=["carrier"],
        aggregates=[
            {"column": "distance", "functions": ["avg"]},
            {"name": "speed", "formula": "distance / air_time", "functions": ["max"]},
        ],
    )  # fmt: skip
    assert found == {
        "carrier": {"flights.carrier"}, "distance_avg": {"flights.distance"},
        "speed_max": {"flights.distance", "flights.air_time"},
    }  # fmt: skip


@pytest.mark.requirement("D95")
def test_a_window_is_its_value_and_not_what_orders_the_rows() -> None:
    found = lineage(
        type="window", input="flights", partition=["carrier"], order=[{"column": "day"}],
        columns=[{"function": "lag", "column": "distance"}, {"function": "row_number"}],
    )  # fmt: skip
    assert found["distance_lag"] == {"flights.distance"}
    assert "row_number" not in found


def test_stacked_columns_come_from_every_input() -> None:
    assert lineage(type="stack", inputs=["flights", "carriers"])["carrier"] == {
        "flights.carrier", "carriers.carrier",
    }  # fmt: skip


def test_sorting_and_filtering_pass_columns_on() -> None:
    found = lineage(type="sort", input="flights", order=[{"column": "day"}])
    assert found == {name: {f"flights.{name}"} for name in ("carrier", "air_time", "distance", "day")}


@pytest.mark.requirement("D95")
def test_code_is_a_guess_by_name() -> None:
    code = registry.parse(
        "recipes", {"type": "python", "inputs": ["flights"], "outputs": ["made"], "body": ""}
    )
    assert isinstance(code, Recipe)
    schemas = {**SCHEMAS, "made": columns(carrier="string", total="double")}
    [guess] = code.lineage("r", schemas)
    assert (guess.source_column, guess.target_column, guess.sure) == ("carrier", "carrier", False)
