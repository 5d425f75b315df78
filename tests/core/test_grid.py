"""The grid: no box over another, whatever is moved where."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from penstock.core import grid
from penstock.core.grid import COLUMNS, Box

boxes = st.builds(
    lambda left, top, width, height: Box(min(left, COLUMNS - width), top, width, height),
    st.integers(0, 35), st.integers(0, 30), st.integers(1, 36), st.integers(1, 12),
)  # fmt: skip


def apart(placed: list[Box]) -> bool:
    return not any(a.overlaps(b) for a, b in combinations(placed, 2))


@given(st.lists(boxes, max_size=12))
def test_after_settling_no_box_is_over_another_and_none_went_up_or_sideways(given_: list[Box]) -> None:
    placed = grid.settled(given_)
    assert apart(placed)
    assert all(
        (a.left, a.width, a.height) == (b.left, b.width, b.height)
        for a, b in zip(given_, placed, strict=True)
    )
    assert all(b.top >= a.top for a, b in zip(given_, placed, strict=True))


@given(st.lists(boxes, max_size=12))
def test_stacked_boxes_do_not_overlap_and_rest_on_something(given_: list[Box]) -> None:
    placed = grid.stacked(given_)
    assert apart(placed)
    for box in placed:
        on = [
            other for other in placed if other is not box and other.is_over(box) and other.bottom == box.top
        ]
        assert box.top == 0 or on


def test_what_is_in_the_way_is_pushed_down_and_what_was_dropped_stays() -> None:
    there, dropped = Box(0, 0, 12, 6), Box(4, 2, 12, 6)
    assert grid.settled([there, dropped]) == [there, Box(4, 6, 12, 6)]
    assert grid.settled([there, dropped], first=[1]) == [Box(0, 8, 12, 6), dropped]


def test_boxes_without_a_place_of_their_own_stand_below_each_other() -> None:
    assert [b.top for b in grid.settled([Box(0, 0, 12, 8)] * 3)] == [0, 8, 16]


def test_a_locked_box_stays_and_others_fill_the_room_above_it() -> None:
    placed = grid.stacked([Box(0, 10, 12, 4), Box(0, 20, 12, 4)], first=[0])
    assert placed == [Box(0, 10, 12, 4), Box(0, 14, 12, 4)]


def test_a_new_box_goes_to_the_first_place_where_it_fits() -> None:
    there = [Box(0, 0, 12, 6), Box(24, 0, 12, 6)]
    assert grid.free_place(there, 12, 6) == Box(12, 0, 12, 6)
    assert grid.free_place(there, 13, 6) == Box(0, 6, 13, 6)
    assert grid.free_place([], 60, 6) == Box(0, 0, 36, 6)


@given(st.lists(boxes, max_size=12), st.integers(4, 30))
def test_on_sheets_every_box_stands_once_and_inside(given_: list[Box], rows: int) -> None:
    placed = grid.settled(given_)
    sheets = grid.sheets(placed, rows)
    assert sorted(n for sheet in sheets for n, _ in sheet) == list(range(len(placed)))
    assert all(box.top >= 0 and box.bottom <= rows for sheet in sheets for _, box in sheet)
    assert all(apart([box for _, box in sheet]) for sheet in sheets)


def test_a_box_that_does_not_fit_on_the_sheet_is_not_cut_but_moves_to_the_next() -> None:
    first, second = grid.sheets([Box(0, 0, 36, 8), Box(0, 8, 36, 8)], 12)
    assert (first, second) == ([(0, Box(0, 0, 36, 8))], [(1, Box(0, 0, 36, 8))])
