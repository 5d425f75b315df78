"""Find and replace: whole cells, parts, regular expressions."""

from __future__ import annotations

import pytest

from penstock.core.errors import InvalidDefinition
from tests.kinds.processors.given import a_step, prepared

TEXTS = ["ab", "AB", "abab", "", None, "a.b"]


@pytest.mark.parametrize(
    ("settings", "result"),
    [
        (
            {"match": "complete", "replacements": [{"find": "ab", "replace": "x"}]},
            ["x", "AB", "abab", "", None, "a.b"],
        ),
        (
            {"match": "complete", "replacements": [{"find": "", "replace": "x"}]},
            ["ab", "AB", "abab", "x", None, "a.b"],
        ),
        (
            {"match": "substring", "replacements": [{"find": "ab", "replace": "x"}]},
            ["x", "AB", "xx", "", None, "a.b"],
        ),
        (
            {"match": "substring", "ignore_case": True, "replacements": [{"find": "A.B", "replace": "\\1"}]},
            ["ab", "AB", "abab", "", None, "\\1"],
        ),
        (
            {"match": "regex", "replacements": [{"find": "(a)(b)", "replace": "\\2\\1"}]},
            ["ba", "AB", "baba", "", None, "a.b"],
        ),
        (
            {"match": "complete", "ignore_case": True, "replacements": [{"find": "Ab", "replace": "x"}]},
            ["x", "x", "abab", "", None, "a.b"],
        ),
        (
            {
                "match": "substring",
                "replacements": [{"find": "a", "replace": "b"}, {"find": "b", "replace": "c"}],
            },
            ["cc", "AB", "cccc", "", None, "c.c"],
        ),
        (
            {
                "match": "substring",
                "first_only": True,
                "replacements": [{"find": "a.", "replace": "b"}, {"find": "b", "replace": "c"}],
            },
            ["ac", "AB", "acac", "", None, "bb"],
        ),
    ],
)
def test_texts_are_replaced(settings: dict[str, object], result: list[str | None]) -> None:
    assert prepared(a_step("find_replace", columns="t", **settings), t=TEXTS)["t"] == result


def test_the_result_may_go_to_another_column() -> None:
    step = a_step("find_replace", columns="n", output="code", replacements=[{"find": "1", "replace": "one"}])
    assert prepared(step, n=[1, 2]) == {"n": [1, 2], "code": ["one", "2"]}


def test_a_broken_expression_is_refused_at_save() -> None:
    with pytest.raises(InvalidDefinition, match="not a regular expression"):
        a_step("find_replace", columns="t", match="regex", replacements=[{"find": "("}])
