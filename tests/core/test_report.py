"""Courses: which points they show, and which limits those break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from penstock.core import registry
from penstock.core.outcome import Verdict
from penstock.core.report import Course, Limit, Point, by_name, limits_of

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SOFT, HARD = Limit(value=0.72, verdict=Verdict.WARNING), Limit(value=0.75, verdict=Verdict.ERROR)


def points(*named: tuple[str, float]) -> tuple[Point, ...]:
    """One a day, in the order of measuring."""
    return tuple(Point(at=BEGAN + timedelta(days=n), name=m, value=v) for n, (m, v) in enumerate(named))


def course(*named: tuple[str, float]) -> Course:
    found = by_name(points(*named))
    return Course(item="mes", metric_id="m", label="M", points=found, limits=(SOFT, HARD))


def test_a_month_that_was_evaluated_again_keeps_its_place_and_has_its_newest_value() -> None:
    found = course(("April", 0.6), ("May", 0.8), ("June", 0.7), ("May", 0.65))
    assert [(p.name, p.value) for p in found.points] == [("April", 0.6), ("May", 0.65), ("June", 0.7)]
    assert found.newest.name == "May"


@pytest.mark.parametrize("names", [("", "a"), ("week", "week"), ("a", "a", "a", "b", "b")])
def test_names_that_do_not_tell_points_apart_leave_them_all(names: tuple[str, ...]) -> None:
    given = points(*((name, 0.5) for name in names))
    assert by_name(given) == given


def test_the_hard_limit_is_told_before_the_soft_one() -> None:
    found = course(("a", 0.72), ("b", 0.73), ("c", 0.76))
    assert [found.broken_at(p) for p in found.points] == [None, SOFT, HARD]


def test_the_limits_of_a_check_are_those_in_use_soft_ones_first() -> None:
    check = {"type": "numeric_range", "name": "drift", "metric": "m", "soft_maximum": 0.72, "maximum": 0.75}
    assert [str(x) for x in limits_of(registry.parse("checks", check))] == [
        "warns above 0.72",
        "fails above 0.75",
    ]
