"""Chance without dice: even, without repetition, and the same for columns and plain numbers."""

from __future__ import annotations

from penstock.core.chance import SPAN, mixed, scattered


def test_no_two_rows_draw_the_same_number_and_all_are_in_range() -> None:
    drawn = [mixed(n, 1337) for n in range(50_000)]
    assert len(set(drawn)) == 50_000
    assert all(0 <= d < SPAN for d in drawn)


def test_numbers_are_spread_evenly_also_over_neighbours() -> None:
    tenths = [0] * 10
    for n in range(20_000):
        tenths[mixed(n, 7) * 10 // SPAN] += 1
    assert all(1_850 < t < 2_150 for t in tenths)
    rises = sum(mixed(n, 7) < mixed(n + 1, 7) for n in range(20_000))
    assert 9_700 < rises < 10_300


def test_neighbouring_seeds_draw_unrelated_numbers() -> None:
    same_half = sum((mixed(n, 1) < SPAN // 2) == (mixed(n, 2) < SPAN // 2) for n in range(20_000))
    assert 9_700 < same_half < 10_300
    assert scattered(1) != scattered(2)
