"""How wide the columns of a table are."""

from __future__ import annotations

import pytest

from penstock.cli._columns import GAP, chosen, widths

TEXTS = [
    ["check", "Enough rows"],
    ["verdict", "OK"],
    ["message", "300 is fine, and so it was in every month before"],
]


@pytest.mark.parametrize("screen", [10, 20, 40, 60, 80, 200])
def test_what_is_shown_fits_the_screen(screen: int) -> None:
    found = widths(TEXTS, screen)
    assert sum(found) + GAP * (len(found) - 1) <= screen


def test_on_a_wide_screen_every_column_is_whole() -> None:
    assert widths(TEXTS, 200) == [11, 7, 48]


def test_only_the_sentence_gives_way() -> None:
    assert widths(TEXTS, 50) == [11, 7, 50 - 11 - 7 - 2 * GAP]


def test_a_column_too_many_is_left_out_from_the_right() -> None:
    assert len(widths([*TEXTS, ["by", "x" * 30]], 60)) == 3


MANY = [
    ["name", "x" * 20],
    *[[f"c{n}", "y" * 18] for n in range(5)],
    ["error", "a sentence that explains it all"],
]


@pytest.mark.parametrize("screen", [30, 60, 80, 200])
def test_columns_that_matter_are_shown_on_any_screen(screen: int) -> None:
    found = chosen(MANY, screen, {0, 6})
    assert {0, 6} <= set(found)
    assert list(found) == sorted(found)
    assert sum(found.values()) + GAP * (len(found) - 1) <= screen


def test_others_give_way_from_the_right() -> None:
    assert list(chosen(MANY, 80, {0, 6})) == [0, 1, 6]
    assert list(chosen(MANY, 200, {0, 6})) == list(range(7))
