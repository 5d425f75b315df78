"""PrepareLength: prepare recipes stay readable."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found

STEPS = [{"type": "delete_columns", "columns": ["a"]}] * 3


def test_a_long_prepare_recipe_is_named() -> None:
    recipe = {"type": "prepare", "input": "a", "output": "b", "steps": STEPS}
    assert found("prepare_length", facts(recipes={"r": recipe}), maximum=2) == [
        "Recipe r has 3 steps; 2 are enough."
    ]
    assert found("prepare_length", facts(recipes={"r": recipe})) == []


def test_without_a_prepare_recipe_it_says_nothing() -> None:
    assert found("prepare_length", facts()) == ["not applicable"]
