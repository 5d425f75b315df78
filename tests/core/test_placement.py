"""Which engine runs a recipe, and the sentences that say why."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import placement, registry
from penstock.core.errors import Refused
from penstock.core.placement import End, Place, Placement
from penstock.core.recipe import Recipe


def a_recipe(type: str = "filter", **settings: Any) -> Recipe:
    found = registry.parse("recipes", {"type": type, "input": "a", "output": "b", **settings})
    assert isinstance(found, Recipe)
    return found


def chosen(recipe: Recipe, *connections: str) -> Placement:
    ends = [End(name, where) for name, where in zip("abc", connections, strict=False)]
    return placement.choose(recipe, ends, {})


@pytest.mark.requirement("A16")
def test_a_recipe_whose_ends_live_in_one_database_runs_inside_it() -> None:
    found = chosen(a_recipe("group", keys=["x"]), "warehouse", "warehouse")
    assert found.place == Place("database", "warehouse")
    assert found.chosen.reason == "All ends live in warehouse: one statement there, and no row leaves it."


@pytest.mark.requirement("A16")
def test_one_end_elsewhere_keeps_it_here_and_is_named() -> None:
    found = chosen(a_recipe(), "warehouse", "")
    assert found.place == placement.LOCAL
    assert found.chosen.reason == "In this process. b does not live in warehouse."


@pytest.mark.requirement("A16")
def test_two_databases_keep_it_here() -> None:
    assert "different databases: warehouse and lake" in chosen(a_recipe(), "warehouse", "lake").chosen.reason


@pytest.mark.requirement("A16")
def test_a_prepare_step_that_no_database_can_do_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = a_recipe(
        "prepare",
        steps=[{"type": "rename", "columns": {"x": "y"}}, {"type": "delete_columns", "columns": ["z"]}],
    )
    assert chosen(recipe, "warehouse", "warehouse").place.engine == "database"
    monkeypatch.setattr(registry.kind("processors", "delete_columns"), "SQL", False)
    found = chosen(recipe, "warehouse", "warehouse")
    assert found.place == placement.LOCAL
    assert "Step 2 delete_columns can be done in this process only." in found.chosen.reason


@pytest.mark.requirement("A16")
def test_every_engine_is_listed_with_the_reason_why_not() -> None:
    found = chosen(a_recipe("score", model="m"), "warehouse", "warehouse")
    assert [(o.place.engine, o.available) for o in found.options] == [
        ("local", True),
        ("database", False),
        ("spark", False),
    ]
    assert found.option("database").reason == "A recipe of type score does not run inside a database."
    assert found.option("spark").reason == "This node has no connection of type spark."


def test_a_recipe_may_ask_to_stay_here() -> None:
    found = chosen(a_recipe(engine="local"), "warehouse", "warehouse")
    assert found.place == placement.LOCAL
    assert found.chosen.reason == "Asked for by `engine: local`."


@pytest.mark.requirement("A16")
def test_an_engine_that_cannot_is_refused_with_the_reason() -> None:
    found = chosen(a_recipe(engine="database"), "", "")
    with pytest.raises(Refused, match=r"`engine: database`.*No dataset of it lives in a database") as refused:
        placement.check(found, "spring")
    assert refused.value.hint == "It can run on local; `engine: auto` chooses."


def test_spark_is_used_when_it_is_asked_for_and_there_is_one() -> None:
    with pytest.raises(Refused, match="no connection of type spark"):
        placement.check(chosen(a_recipe(engine="spark"), "", ""), "spring")


def test_a_place_is_said_in_one_word() -> None:
    assert [str(p) for p in (Place(), Place("database", "warehouse"), Place("spark"))] == [
        "local", "database:warehouse", "spark",
    ]  # fmt: skip
