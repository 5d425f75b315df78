"""Recipes from the command line."""

from __future__ import annotations

from .bank import Bank


def test_recipes_are_listed_with_what_they_read_and_write(bank: Bank) -> None:
    rows = {r["name"]: r for r in bank.ok("recipe", "list", "--json").json}
    assert (rows["score_it"]["reads"], rows["score_it"]["writes"]) == (["may", "authorized"], ["scored"])


def test_one_recipe_runs_and_nothing_else(own: Bank) -> None:
    done = own.ok("recipe", "run", "large_ones", "--set", "least=100", "--json").json
    assert [a["recipe"] for a in done["activities"]] == ["large_ones"]
    said = own.run("recipe", "run", "larg_ones")
    assert said.code == 3
    assert "large_ones" in said.err


def test_a_recipe_tells_where_it_runs_and_why_not_elsewhere(bank: Bank) -> None:
    found = bank.ok("recipe", "show", "score_it", "--json").json
    assert found["runs"] == {"place": "local", "reason": "In this process. No dataset of it lives in a database. "
                             "A recipe of type score does not run inside a database."}  # fmt: skip
    assert found["engines"]["database"].startswith("not available: No dataset of it lives in a database.")
    assert "not available" in bank.ok("recipe", "show", "score_it").out
