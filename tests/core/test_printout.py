"""Printouts: which sheets there are."""

from __future__ import annotations

import pytest

from penstock.core.errors import Invalid
from penstock.core.printout import sheet


def test_papers_pixels_and_the_screen_are_sheets() -> None:
    assert sheet("A4").width < sheet("A4").height
    assert sheet("letter landscape").width == 792
    assert (sheet("1600x900").width, sheet("1600x900").height) == (1200, 675)
    assert sheet("screen").height == 0


@pytest.mark.parametrize("words", ["A5 sideways", "12x12", "x900", "99999x10", ""])
def test_anything_else_is_refused(words: str) -> None:
    with pytest.raises(Invalid):
        sheet(words)
