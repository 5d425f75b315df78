"""CodeLength: recipes of code stay short."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found


def test_long_code_is_named_and_empty_lines_do_not_count() -> None:
    code = {"type": "python", "outputs": ["out"], "body": "x = 1\n\n\ny = 2\nz = 3\n"}
    assert found("code_length", facts(recipes={"r": code}), maximum=2) == [
        "Recipe r has 3 lines; 2 are enough."
    ]
    assert found("code_length", facts(recipes={"r": code}), maximum=3) == []


def test_without_code_it_says_nothing() -> None:
    assert found("code_length", facts()) == ["not applicable"]
