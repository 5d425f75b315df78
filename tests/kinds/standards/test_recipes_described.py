"""RecipesDescribed: recipes of code say in words what they do."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found

CODE = {"type": "python", "outputs": ["out"], "body": "pass"}


def test_code_without_words_is_named() -> None:
    recipes = {"bare": CODE, "said": {**CODE, "outputs": ["b"], "description": "Makes b."}}
    assert found("recipes_described", facts(recipes=recipes)) == ["Recipe bare has no description."]


def test_without_code_it_says_nothing() -> None:
    recipes = {"copy": {"type": "sync", "input": "a", "output": "b"}}
    assert found("recipes_described", facts(recipes=recipes)) == ["not applicable"]
