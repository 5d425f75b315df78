"""Bars of letters, for the plain text of a letter."""

from __future__ import annotations

import pytest

from penstock.core.report import Course
from penstock.kinds.reporters import _bars

from .test_chart import course


def test_a_line_names_the_evaluation_its_value_and_the_limit_it_breaks() -> None:
    found = course(0.5, 0.7, 0.8, names=("Jan", "Feb", "Mar"))
    assert _bars.course(found) == [
        "Jan   0.500",
        "Feb   0.700  ████████████████          warns",
        "Mar   0.800  ████████████████████████  fails ◀ newest",
    ]
    assert _bars.foot(found) == "Warns above 0.65, fails above 0.75. The bars begin at 0.5 = no drift."


@pytest.mark.parametrize(
    ("share", "bar"), [(0.0, ""), (0.001, "▏"), (0.5, "██"), (0.53125, "██▏"), (1.0, "████")]
)
def test_a_bar_is_as_long_as_its_share_to_an_eighth_of_a_letter(share: float, bar: str) -> None:
    assert _bars.bar(share, 4) == bar


def test_numbers_below_zero_have_no_bars() -> None:
    found = course(-1.0, 2.0, limits=())
    plain = Course(item="mes", metric_id="m", label="M", points=found.points)
    assert not any("█" in line for line in _bars.course(plain))
    assert _bars.foot(plain) == ""
