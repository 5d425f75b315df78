"""DataQuality: what comes in and what goes out is checked."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found

RULE = {"type": "column_not_empty", "column": "x"}


def test_sources_and_ends_without_rule_or_check_are_named() -> None:
    datasets = {"a": {"type": "managed"}, "b": {"type": "managed"}, "c": {"type": "managed", "rules": [RULE]}}
    recipes = {
        "one": {"type": "sync", "input": "a", "output": "b"}, "two": {"type": "sync", "input": "b", "output": "c"},
    }  # fmt: skip
    assert found("data_quality", facts(datasets=datasets, recipes=recipes)) == [
        "Dataset a has no rule and no check."
    ]


def test_without_datasets_it_says_nothing() -> None:
    assert found("data_quality", facts()) == ["not applicable"]
