"""Who is meant by a text."""

from __future__ import annotations

import pytest

from penstock.core.discussion import excerpt, mentioned


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@ann look", ["ann"]),
        ("thanks @Ann, @bob.", ["ann", "bob"]),
        ("@ann and @ann", ["ann"]),
        ("mail ann@example.org", []),
        ("@nobody", []),
        ("see x/@ann and @@ann", []),
        ("(@c.d)", ["c.d"]),
    ],
)
def test_people_are_meant_by_their_login(text: str, meant: list[str]) -> None:
    assert mentioned(text, ["ann", "bob", "c.d"]) == meant


def test_an_excerpt_is_one_line() -> None:
    assert excerpt("a\n b") == "a b"
    assert excerpt("x" * 200) == "x" * 139 + "…"
