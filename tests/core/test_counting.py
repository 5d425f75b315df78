"""Counts agree with their nouns."""

from __future__ import annotations

from penstock.core.counting import counted


def test_one_thing_is_singular_and_all_other_counts_are_plural() -> None:
    assert [counted(n, "row") for n in (0, 1, 2, 1500)] == ["0 rows", "1 row", "2 rows", "1,500 rows"]
    assert counted(2, "entry", "entries") == "2 entries"
