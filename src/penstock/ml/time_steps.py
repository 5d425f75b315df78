"""Steps in time: whether dates follow each other, and which come next. Times are µs since 1970 (ml/time_zones.py)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from penstock.core.forecasting import TimeStep

FIXED = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAY = np.int64(86_400_000_000)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def following(times: np.ndarray, step: TimeStep, count: int) -> np.ndarray:
    """The next `count` instants after rising ones. Months keep the day of the month, or the end of the month."""
    if step.unit in FIXED:
        return times[-1] + np.arange(1, count + 1, dtype=np.int64) * _fixed(step)
    months, _, clock = _parts(times[-1:])
    ahead = months[0] + np.arange(1, count + 1, dtype=np.int64) * (MONTHS[step.unit] * step.count)
    return _instants(ahead, anchor(times), int(clock[0]))


def first_gap(times: np.ndarray, step: TimeStep) -> int | None:
    """The place of the first instant that does not follow the one before by a step; None when all do."""
    if len(times) < 2:
        return None
    if step.unit in FIXED:
        wrong = np.diff(times) != _fixed(step)
    else:
        months, days, clock = _parts(times)
        expected = np.minimum(anchor(times), _lengths(months))
        wrong = (np.diff(months) != MONTHS[step.unit] * step.count) | (days[1:] != expected[1:])
        wrong |= clock[1:] != clock[0]
    return int(np.argmax(wrong)) + 1 if wrong.any() else None


def off(between: int, step: TimeStep) -> int:
    """How many µs a distance differs from one step; 0 for months, which are of many lengths."""
    return between - _fixed(step) if step.unit in FIXED else 0


def anchor(times: np.ndarray) -> int:
    """The day of the month that all have; 31 when each is the last of its month."""
    months, days, _ = _parts(times)
    return 31 if (days == _lengths(months)).all() else int(days.max())


def calendar(times: np.ndarray) -> np.ndarray:
    """(…, 5) floats of instants: month, day, weekday from Monday = 0, hour, minute."""
    days, clock = times // DAY, times % DAY
    months, day, _ = _parts(times)
    minutes = clock // 60_000_000
    return np.stack([months % 12 + 1, day, (days + 3) % 7, minutes // 60, minutes % 60], axis=-1).astype(
        np.float64
    )


def text(instant: int) -> str:
    """2015-03-21T00:00:00.000000Z"""
    return (EPOCH + timedelta(microseconds=int(instant))).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def short(instant: int) -> str:
    """As people write it: without a clock at midnight."""
    return text(instant)[:10] if instant % DAY == 0 else text(instant)[:16].replace("T", " ")


def _fixed(step: TimeStep) -> int:
    return FIXED[step.unit] * step.count * 1_000_000


def _parts(times: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Months since 1970, day of the month, µs of the day."""
    dates = (times // DAY).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    return months.astype(np.int64), day, times % DAY


def _lengths(months: np.ndarray) -> np.ndarray:
    """Days of each month."""
    first, after = (m.astype("datetime64[M]").astype("datetime64[D]") for m in (months, months + 1))
    return (after - first).astype(np.int64)


def _instants(months: np.ndarray, day: int, clock: int) -> np.ndarray:
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return (first + np.minimum(day, _lengths(months)) - 1) * DAY + clock
