"""The load figures, small enough for every day. The whole ones: see tests/README.md."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from . import clients, studio, ticks


@pytest.mark.slow
def test_many_processes_write_durable_steps_without_a_locked_database_or_a_lost_update(
    place: str,
) -> None:
    found = clients.measure(place, clients=8, steps=60)
    assert found.errors == []
    assert (found.lost_steps, found.lost_additions) == (0, 0)


@pytest.mark.slow
def test_a_tick_costs_the_same_with_many_scenarios_as_with_few(tmp_path: Path) -> None:
    few, many = (ticks.a_node_with(tmp_path / str(n), n) for n in (10, 300))
    ratios = [ticks.cost(many, 100).tick / ticks.cost(few, 100).tick for _ in range(5)]
    assert median(ratios) < 2


def test_idle_ticks_leave_nothing_behind(tmp_path: Path) -> None:
    found = ticks.idle(ticks.a_node_with(tmp_path, 20), 3000)
    assert found.unchanged, str(found)


@pytest.mark.slow
def test_people_click_through_a_demo_that_is_made_for_it_without_an_error(tmp_path: Path) -> None:
    found = studio.measure(studio.make_home(tmp_path), people=4, seconds=5, think=0.3)
    assert found.seen.errors == []
    assert found.warm.keys() == {*studio.PAGES, studio.EVALUATION}
    assert len(found.seen.times) > 3
    assert found.warm[studio.ROWS].cpu < 100, "explored rows are read anew each time"
    assert [line for line in str(found).splitlines() if "memory" in line and " MB at first → " in line]


def test_a_figure_that_is_not_as_promised_is_told() -> None:
    seen = studio.Seen(
        times={"home": [10.0, 700.0]}, errors=["/ answered 500"], memory={0: 100, 1: 200, 60: 300}
    )
    result = studio.Result(people=1, seconds=60, warm={"home": studio.Alone(400, 20)}, seen=seen)
    broken = [figure.what for figure in result.figures if not figure.kept]
    assert broken == [
        "home", "all pages", "errors", "slowest first paint for one person, warm: home", "memory of the server",
    ]  # fmt: skip
