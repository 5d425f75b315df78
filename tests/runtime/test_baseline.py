"""Since when a trigger is on is noted when it is saved, so that a worker that starts later catches up."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.scenario import RunState
from penstock.runtime import projects, scenarios
from penstock.testing import KEY, a_project, fill

from .test_triggers import HOUR, MINUTE, MONDAY, Stage

HOURLY = {"type": "time", "every": "1 hour", "zone": "UTC", "catch_up": "once"}
STEPS = [{"type": "define_variables", "values": {"x": 1}}]
SCENARIO = {"active": True, "triggers": [HOURLY], "steps": STEPS}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def saved(stage: Stage) -> None:
    scenarios.save(stage.node, KEY, "s", SCENARIO, author="ann")


def switched_on(stage: Stage) -> None:
    stage.write("s", HOURLY, steps=STEPS, active=False)
    scenarios.switch(stage.node, KEY, "s", True, author="ann")


def switched_on_again(stage: Stage) -> None:
    stage.write("s", HOURLY, steps=STEPS)
    scenarios.switch(stage.node, KEY, "s", True, author="ann")


def defined(stage: Stage) -> None:
    projects.define(stage.node, KEY, "scenario", "s", SCENARIO, author="ann")


def edited_and_kept(stage: Stage) -> None:
    path = stage.node.projects.path(KEY) / "scenarios/s.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("active: true\ntriggers: [{type: time, every: 1 hour, zone: UTC, catch_up: once}]\n")
    projects.keep(stage.node, KEY, "A scenario", author="ann")


@pytest.mark.parametrize("way", [saved, switched_on, switched_on_again, defined, edited_and_kept])
def test_a_worker_that_starts_later_catches_up(stage: Stage, way: object) -> None:
    assert callable(way)
    way(stage)
    (run,) = stage.at(MONDAY + 3 * HOUR + MINUTE)
    assert run.params == {"slot": "2026-01-05T07:00:00+00:00"}, "it is handed the oldest time"


def test_times_that_are_skipped_show_as_missed(stage: Stage) -> None:
    hourly = {**HOURLY, "catch_up": "skip"}
    scenarios.save(stage.node, KEY, "s", {**SCENARIO, "triggers": [hourly]}, author="ann")
    assert stage.at(MONDAY + 3 * HOUR + 5 * MINUTE) == []
    (missed,) = stage.history()
    assert missed.state is RunState.MISSED
    assert "3 times passed while no worker looked" in missed.message


def test_a_change_of_data_before_the_first_worker_is_noticed(stage: Stage) -> None:
    a_project(stage.node, {"datasets/raw": {"type": "managed"}})
    watching = {"type": "dataset_changed", "items": ["raw"], "grace": 0}
    scenarios.save(stage.node, KEY, "s", {**SCENARIO, "triggers": [watching]}, author="ann")
    fill(stage.node, "raw", n=[1])
    (run,) = stage.at(MONDAY + HOUR)
    assert run.params["changed"] == ["raw"]


def test_saving_again_changes_nothing_that_is_remembered(stage: Stage) -> None:
    saved(stage)
    stage.clock.moment = MONDAY + HOUR / 2
    scenarios.save(stage.node, KEY, "s", {**SCENARIO, "short_description": "The same"}, author="ann")
    (state,) = stage.node.scenario_runs.trigger_states(KEY)
    assert (state.next_look, state.version) == (MONDAY + HOUR, 1)
