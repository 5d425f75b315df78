"""What names of templates say."""

from __future__ import annotations

import pytest

from penstock.core.document import Span, table
from penstock.core.errors import NotFound
from penstock.core.placeholders import Names, is_text, words


def _names() -> Names:
    item = Names(says={"name": lambda: "x"})
    return Names(
        says={"a.testing.name": lambda: "A", "a.none": lambda: None},
        answers={"a.plot": lambda argument: f"of {argument}"},
        lists={"a.all": lambda: [item, item]},
        other_spellings={"validation": "testing"},
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a.testing.name", "A"), ("a.validation.name", "A"), ("a.plot/card/age", "of card/age"), ("a.all.count", "2"),
        ("a.none", None),
    ],
)  # fmt: skip
def test_a_name_says(name: str, said: str | None) -> None:
    assert _names().said(name) == said


def test_an_unknown_name_tells_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"Did you mean a\.testing\.name"):
        _names().said("a.testin.name")


def test_conditions_compare_letters() -> None:
    assert [words(s) for s in (None, "x", (Span("a"), Span("b")), table(["a"], [[1]]), ())] == [
        "", "x", "ab", "Yes", "",
    ]  # fmt: skip
    assert not is_text(table(["a"], []))
