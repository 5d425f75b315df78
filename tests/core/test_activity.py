"""How a deployment went: moments that are kept, and how busy it was between them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from penstock.core import activity
from penstock.core.activity import EndpointActivity, Moment
from penstock.core.health import Health

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def a_moment(minutes: float, queries: int | None = 0, **facts: Any) -> Moment:
    at = NOON + timedelta(minutes=minutes)
    return Moment(**{"at": at, "health": Health.HEALTHY, "queries": queries, "errors": 0, **facts})


def kept(*moments: Moment) -> list[Moment]:
    told: list[dict[str, Any]] = []
    for moment in moments:
        told = activity.lengthened(told, moment)
    return [activity.read(one) for one in told]


def test_a_moment_comes_back_as_it_was_kept() -> None:
    seen = a_moment(0, 12, errors=1, p50=0.4, p95=2.5)
    assert kept(seen) == [seen]
    away = a_moment(1, None, errors=None, health=Health.ERROR)
    assert kept(seen, away) == [seen, away]


def test_queries_and_errors_are_told_a_minute() -> None:
    [first, second] = activity.busy(
        [a_moment(0, 100), a_moment(2, 300, errors=4), a_moment(3, 310, errors=4)]
    )
    assert (first.queries, first.errors) == (100, 2)
    assert (second.queries, second.errors) == (10, 0)


def test_a_node_that_was_started_again_counts_from_zero() -> None:
    assert activity.busy([a_moment(0, 500), a_moment(1, 30)])[0].queries == 30


def test_moments_without_counts_are_left_out_of_what_was_busy() -> None:
    found = activity.busy([a_moment(0, 0), a_moment(1, None), a_moment(2, 20)])
    assert [one.queries for one in found] == [10]


def test_looks_that_follow_at_once_take_the_place_of_the_one_before() -> None:
    found = kept(a_moment(0, 1), a_moment(0.1, 2), a_moment(0.2, 3))
    assert [m.queries for m in found] == [1, 3]


def test_another_health_is_kept_however_soon_it_comes() -> None:
    found = kept(a_moment(0, 1), a_moment(0.1, 2, health=Health.ERROR), a_moment(0.2, 3))
    assert [m.health for m in found] == [Health.HEALTHY, Health.ERROR, Health.HEALTHY]


def test_about_a_day_is_kept() -> None:
    found = kept(*(a_moment(5 * n, n) for n in range(activity.KEPT + 10)))
    assert len(found) == activity.KEPT
    assert found[-1].queries == activity.KEPT + 9


def test_measures_of_all_nodes_are_one_with_the_times_of_the_slowest() -> None:
    lines = [
        {"count": 3, "errors": 1, "p50": 1.0, "p95": 2.0},
        {"count": 4, "errors": 0, "p50": None, "p95": 9.0},
    ]
    assert activity.summed(lines) == {"queries": 7, "errors": 1, "p50": 1.0, "p95": 9.0}
    assert activity.summed([]) == {}


def test_each_endpoint_has_a_course_of_its_own() -> None:
    lines = [
        {"endpoint": "late", "generation": "v1", "count": 3, "errors": 1, "p50": 1.0, "p95": 2.0},
        {"endpoint": "late", "generation": "v2", "count": 1, "errors": 0, "p50": 4.0, "p95": 5.0},
        {"endpoint": "add", "generation": "v1", "count": 8, "errors": 0, "p50": 0.1, "p95": 0.2},
    ]
    first, second = a_moment(0, 0), a_moment(2, 12, errors=1, endpoints=activity.split(lines))
    assert second.endpoints == {
        "add": EndpointActivity(queries=8, errors=0, p50=0.1, p95=0.2),
        "late": EndpointActivity(queries=4, errors=1, p50=4.0, p95=5.0),
    }
    moments = kept(first, second)
    assert moments == [first, second]
    assert activity.endpoints(moments) == ["add", "late"]
    [late] = activity.busy(moments, "late")
    assert (late.queries, late.errors, late.p95) == (2, 0.5, 5.0)
    [add], [both] = activity.busy(moments, "add"), activity.busy(moments)
    assert late.queries + add.queries == both.queries


def test_what_was_kept_before_endpoints_were_told_apart_says_nothing_of_one() -> None:
    old, new = a_moment(0, 100), a_moment(2, 110, endpoints={"add": EndpointActivity(queries=110)})
    assert activity.busy([old, new], "add") == []
    assert len(activity.busy([old, new])) == 1
