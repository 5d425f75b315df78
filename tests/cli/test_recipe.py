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
