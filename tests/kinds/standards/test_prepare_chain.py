"""PrepareChain: what one prepare recipe can do is not spread over many."""

from __future__ import annotations

from itertools import pairwise

from tests.kinds.standards.given import facts, found


def row(*names: str) -> dict[str, dict[str, str]]:
    return {f"to_{b}": {"type": "prepare", "input": a, "output": b} for a, b in pairwise(names)}


def test_a_long_row_is_named_once_from_its_beginning() -> None:
    told = found("prepare_chain", facts(recipes=row("a", "b", "c", "d")))
    assert told == ["3 prepare recipes in a row: to_b, to_c, to_d."]


def test_two_in_a_row_are_fine() -> None:
    assert found("prepare_chain", facts(recipes=row("a", "b", "c"))) == []


def test_other_recipes_break_the_row() -> None:
    recipes = {**row("a", "b", "c"), "copy": {"type": "sync", "input": "c", "output": "d"}, **row("d", "e")}
    assert found("prepare_chain", facts(recipes=recipes)) == []


def test_without_a_prepare_recipe_it_says_nothing() -> None:
    assert found("prepare_chain", facts()) == ["not applicable"]
