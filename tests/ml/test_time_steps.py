from __future__ import annotations

import numpy as np
import pytest

from penstock.core.forecasting import TimeStep
from penstock.ml import time_steps


def instants(*texts: str) -> np.ndarray:
    return np.array([np.datetime64(text, "us").astype(np.int64) for text in texts])


@pytest.mark.parametrize(
    ("known", "step", "next_ones"),
    [
        (["2024-02-28"], TimeStep(unit="day"), ["2024-02-29", "2024-03-01"]),
        (["2024-01-01 10:00"], TimeStep(unit="minute", count=15), ["2024-01-01 10:15", "2024-01-01 10:30"]),
        (["2024-01-01"], TimeStep(unit="week", count=2), ["2024-01-15", "2024-01-29"]),
        (["2024-01-31", "2024-02-29"], TimeStep(unit="month"), ["2024-03-31", "2024-04-30"]),
        (["2023-12-30", "2024-01-30"], TimeStep(unit="month"), ["2024-02-29", "2024-03-30"]),
        (["2023-12-15"], TimeStep(unit="quarter"), ["2024-03-15", "2024-06-15"]),
        (["2024-02-29"], TimeStep(unit="year"), ["2025-02-28", "2026-02-28"]),
    ],
)
def test_the_next_steps_follow_the_calendar(known: list[str], step: TimeStep, next_ones: list[str]) -> None:
    found = time_steps.following(instants(*known), step, 2)
    assert [time_steps.short(t) for t in found] == next_ones


@pytest.mark.parametrize(
    ("times", "step", "gap"),
    [
        (["2024-01-01", "2024-01-02", "2024-01-04"], TimeStep(), 2),
        (["2024-01-01", "2024-01-02", "2024-01-03"], TimeStep(), None),
        (["2024-01-31", "2024-02-29", "2024-03-31"], TimeStep(unit="month"), None),
        (["2024-01-31", "2024-02-29", "2024-03-29"], TimeStep(unit="month"), 2),
        (["2024-01-01 00:00", "2024-02-01 01:00"], TimeStep(unit="month"), 1),
        (["2024-01-01"], TimeStep(), None),
    ],
)
def test_the_first_gap_is_found(times: list[str], step: TimeStep, gap: int | None) -> None:
    assert time_steps.first_gap(instants(*times), step) == gap


def test_a_step_knows_its_calendar_before_1970_too() -> None:
    assert time_steps.calendar(instants("1969-12-31 23:59")).tolist() == [[12, 31, 2, 23, 59]]
    assert time_steps.text(int(instants("2015-03-21")[0])) == "2015-03-21T00:00:00.000000Z"
