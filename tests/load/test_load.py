"""The load figures, small enough for every day. The whole ones: see tests/README.md."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from . import clients, ticks


@pytest.mark.slow
def test_many_processes_write_durable_steps_without_a_locked_database_or_a_lost_update(
    tmp_path: Path,
) -> None:
    found = clients.measure(tmp_path, clients=8, steps=60)
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
