"""The drift chart: what is drawn, and that the words beside its lines can be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from penstock.core.outcome import Verdict
from penstock.core.report import Course, Limit, Point
from penstock.kinds.reporters import _chart

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SOFT, HARD = Limit(value=0.65, verdict=Verdict.WARNING), Limit(value=0.75, verdict=Verdict.ERROR)


def course(
    *values: float, limits: tuple[Limit, ...] = (SOFT, HARD), names: tuple[str, ...] = (), **more: Any
) -> Course:
    """Data Drift, day after day."""
    days = [BEGAN + timedelta(days=n) for n in range(len(values))]
    given = zip(days, values, names or [""] * len(values), strict=True)
    points = tuple(Point(at=day, value=value, name=name, **more) for day, value, name in given)
    return Course(
        item="mes",
        metric_id="drift:DATA_DRIFT",
        label="Data Drift",
        points=points,
        limits=limits,
        neutral=0.5,
    )


def drawn(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    return [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == mark]


def test_every_limit_and_the_neutral_line_are_drawn_with_their_words() -> None:
    texts = [mark["text"] for mark in drawn(_chart.spec(course(0.5, 0.6)), "text")]
    assert {"warns above 0.65", "fails above 0.75", "0.5 = no drift", "0.6"} <= set(texts)


@pytest.mark.parametrize(
    ("value", "colour"), [(0.65, _chart.BLUE), (0.66, _chart.AMBER), (0.75, _chart.AMBER), (0.76, _chart.RED)]
)
def test_the_last_point_has_the_colour_of_the_limit_it_broke(value: float, colour: str) -> None:
    last = drawn(_chart.spec(course(0.5, value)), "circle")[-1]
    assert last["color"] == colour


def test_a_value_below_a_lower_limit_is_coloured_too() -> None:
    floor = (Limit(value=0.4, verdict=Verdict.ERROR, above=False),)
    assert drawn(_chart.spec(course(0.5, 0.39, limits=floor)), "circle")[-1]["color"] == _chart.RED


def test_words_of_lines_that_lie_close_together_keep_their_distance() -> None:
    near = tuple(Limit(value=0.6 + n / 1000, verdict=Verdict.WARNING) for n in range(4))
    found = course(0.5, 0.9, limits=near)
    low, high = _chart._bounds(found)
    places = [line.label_at for line in _chart._spread(_chart._compared(found), (low, high))]
    gaps = [b - a for a, b in pairwise(places)]
    assert min(gaps) >= (high - low) * _chart.LINE_OF_WORDS / _chart.HEIGHT * 0.999


def test_intervals_are_drawn_where_they_are_known() -> None:
    assert len(drawn(_chart.spec(course(0.5, 0.6, lower=0.4, upper=0.7)), "rule")) == 4
    assert len(drawn(_chart.spec(course(0.5, 0.6)), "rule")) == 3


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("April", "May"), ["April", "May"]),
        (("May", "May"), ["1 Jan", "2 Jan"]),
        (("2026-01-01 10:00:00", "2026-01-02 10:00:00"), ["1 Jan", "2 Jan"]),
    ],
)
def test_points_are_named_by_names_that_are_short_and_differ_else_by_days(
    names: tuple[str, ...], labels: list[str]
) -> None:
    assert _chart.labels_of(course(0.5, 0.6, names=names)) == labels


def test_a_month_that_two_versions_were_evaluated_on_is_named_with_them() -> None:
    points = tuple(
        Point(at=BEGAN + timedelta(hours=n), value=0.5, name=month, version=version)
        for n, (month, version) in enumerate(
            (("2013-09", "m - v1"), ("2013-10", "m - v1"), ("2013-10", "m - v2"))
        )
    )
    found = Course(item="mes", metric_id="m", label="M", points=points)
    assert _chart.labels_of(found) == ["2013-09", "2013-10 v1", "2013-10 v2"]


def test_evaluations_of_one_day_are_told_apart_by_the_hour() -> None:
    points = tuple(Point(at=BEGAN + timedelta(hours=n), value=0.5) for n in range(2))
    day = Course(item="mes", metric_id="m", label="M", points=points)
    assert _chart.labels_of(day) == ["1 Jan 00:00", "1 Jan 01:00"]


def test_labels_that_would_overlap_are_left_out_and_the_last_one_stays() -> None:
    assert _chart.legible(["Jan 2026", "Feb 2026", "Mar 2026"]) == ["Jan 2026", "Feb 2026", "Mar 2026"]
    many = _chart.legible([f"{n:02} Jan 2026" for n in range(1, 21)])
    assert many[-1] == "20 Jan 2026"
    assert sum(map(bool, many)) == 5


@pytest.mark.parametrize("values", [(0.5,), (0.5, 0.5), (-3.0, 1e6), (0.0, 0.0)])
def test_any_course_becomes_a_picture(values: tuple[float, ...]) -> None:
    points = tuple(Point(at=BEGAN, value=v, name='it\'s "one"') for v in values)
    found = Course(item="mes", metric_id="m", label="M", points=points)
    assert _chart.png(found).startswith(b"\x89PNG\r\n\x1a\n")
    assert _chart.svg(found).startswith("<svg")
