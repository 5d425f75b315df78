"""Labels under nodes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.drawing.labels import WIDEST, lines


def test_names_are_broken_where_people_would_break_them() -> None:
    assert lines("flights") == ("flights",)
    assert lines("mes_for_ground_truth") == ("mes_for_", "ground_truth")
    assert lines("flights_prepared") == ("flights_", "prepared")
    assert lines("monthlyScoresOfAll") == ("monthly", "ScoresOfAll")


def test_a_name_too_long_for_two_lines_keeps_its_end() -> None:
    assert lines("a_very_long_name_of_something_else") == ("a_very_long_", "name_of…g_else")
    assert lines("prepare_bestellungen_q3") == ("prepare_", "bestell…gen_q3")


@given(st.text(min_size=1, max_size=100))
def test_labels_never_have_more_than_two_lines_or_wide_ones(text: str) -> None:
    found = lines(text)
    assert len(found) <= 2
    assert all(len(line) <= WIDEST for line in found)
