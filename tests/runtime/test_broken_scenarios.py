"""A scenario whose file was broken by hand: it does not run, everything else goes on, and it can be switched off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState
from penstock.runtime import last_runs, scenarios, triggers
from penstock.testing import KEY

from .test_triggers import HOUR, MINUTE, MONDAY, Stage

HOURLY = {"type": "time", "every": "1 hour", "zone": "UTC"}
STEPS = [{"type": "define_variables", "values": {"x": 1}}]
BROKEN = "steps: [{type: build, items: [nothing]}]\n"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("one", HOURLY, steps=STEPS)
    stage.write("two", HOURLY, steps=STEPS)
    stage.at(MONDAY)
    return stage


def file_of(stage: Stage, name: str = "one") -> Path:
    return stage.node.projects.path(KEY) / f"scenarios/{name}.yaml"


def edit(stage: Stage, old: str, new: str) -> str:
    """Edit by hand; returns the text before."""
    text = file_of(stage).read_text()
    assert old in text
    file_of(stage).write_text(text.replace(old, new))
    return text


def test_a_broken_scenario_is_listed_with_its_problem_and_its_triggers_stay(stage: Stage) -> None:
    edit(stage, "1 hour", "1 huor")
    one, two = scenarios.listing(stage.node, KEY)
    assert (one.name, one.active, two.name, two.problem) == ("one", True, "two", "")
    assert "scenarios/one.yaml:1" in one.problem
    shown = {u.scenario: u for u in triggers.next_runs(stage.node, KEY)}
    assert "1 huor" in shown["one"].error
    assert shown["two"].error == ""


def test_its_runs_can_still_be_looked_at_and_stopped(stage: Stage) -> None:
    [run, _] = stage.at(MONDAY + HOUR)
    edit(stage, "1 hour", "1 huor")
    assert [r.id for r in scenarios.history(stage.node, KEY, "one")] == [run.id]
    assert last_runs.find(stage.node, KEY, "one").id == run.id
    assert scenarios.abort_current(stage.node, KEY, "one")
    with pytest.raises(NotFound, match="Did you mean one"):
        scenarios.history(stage.node, KEY, "onne")


def test_other_triggers_fire_and_what_was_missed_is_told_with_the_reason(stage: Stage) -> None:
    before = edit(stage, "1 hour", "1 huor")
    (run,) = stage.at(MONDAY + HOUR)
    assert run.scenario == "two"
    stage.done(run)
    stage.at(MINUTE)
    assert "(since 2026-01-05 07:00 UTC)" in stage.shown("one").error
    file_of(stage).write_text(before)
    stage.at(timedelta(minutes=9))
    (missed,) = stage.history("one")
    assert missed.state is RunState.MISSED
    assert missed.message.startswith(
        "1 time passed between 2026-01-05 07:00 and 2026-01-05 07:10 UTC, while its"
    )
    assert "1 huor" in missed.message
    (fresh, _) = sorted(stage.at(MONDAY + 2 * HOUR), key=lambda r: r.scenario)
    assert fresh.scenario == "one"
    assert stage.shown("one").error == ""


def test_what_was_missed_is_told_also_when_it_is_mended_into_another_trigger(stage: Stage) -> None:
    before = edit(stage, "1 hour", "1 huor")
    stage.at(MONDAY + HOUR)
    file_of(stage).write_text(before.replace("1 hour", "2 hours"))
    stage.at(MINUTE)
    (missed,) = stage.history("one")
    assert (missed.state, "1 huor" in missed.message) == (RunState.MISSED, True)


def test_with_catch_up_it_runs_once_when_it_was_mended(stage: Stage) -> None:
    stage.write("one", {**HOURLY, "catch_up": "once"}, steps=STEPS)
    stage.at(MINUTE)
    before = edit(stage, "1 hour", "1 huor")
    (run,) = stage.at(MONDAY + HOUR)
    stage.done(run)
    file_of(stage).write_text(before)
    (caught_up,) = stage.at(timedelta(minutes=9))
    assert caught_up.params == {"slot": "2026-01-05T07:00:00+00:00"}


BREAKS: dict[str, Callable[[str], str]] = {
    "not well formed": lambda text: text.replace("1 hour", "1 huor"),
    "no YAML": lambda text: text.replace("active: true", "active: true\nsteps: [{") + "\n  ]]}: {",
    "no YAML in one line": lambda text: text + "}}",
    "no text": lambda text: "\x00\x01" + text,
    "names what is not there": lambda text: BROKEN + "active: true\n",
}


@pytest.mark.parametrize("broken", BREAKS)
def test_it_can_always_be_switched_off_and_stays_off_when_it_is_mended(stage: Stage, broken: str) -> None:
    text = "# kept\nactive: true\ntriggers: [{type: time, every: 1 hour, zone: UTC}]\nsteps: []  # none\n"
    stage.node.projects.save(KEY, {"scenarios/one.yaml": text}, author="ann", message="x")
    stage.at(MINUTE)
    file_of(stage).write_text(BREAKS[broken](text))
    scenarios.switch(stage.node, KEY, "one", False, author="ann")
    assert "active: false" in file_of(stage).read_text(errors="surrogateescape")
    assert {run.scenario for run in stage.at(MONDAY + HOUR)} == {"two"}
    assert [s.scenario for s in stage.node.scenario_runs.trigger_states(KEY)] == ["two"]
    assert not {s.name: s for s in scenarios.listing(stage.node, KEY)}["one"].active
    file_of(stage).write_text(text.replace("active: true", "active: false"))
    assert {run.scenario for run in stage.at(MONDAY + 2 * HOUR)} <= {"two"}


def test_it_cannot_be_switched_on(stage: Stage) -> None:
    stage.write("off", HOURLY, active=False)
    path = file_of(stage, "off")
    path.write_text(path.read_text().replace("1 hour", "1 huor"))
    with pytest.raises(InvalidDefinition, match="1 huor"):
        scenarios.switch(stage.node, KEY, "off", True, author="ann")


# edited and not well formed, though it can be read ------------------------------------------------------------


def by_hand(node: Node) -> Any:
    return scenarios.start(node, KEY, "one")


def by_trigger(node: Node) -> Any:
    return triggers.fire(node, KEY, "one", "time")


@pytest.mark.parametrize("way", [by_hand, by_trigger])
def test_an_edit_that_is_not_well_formed_is_never_run(stage: Stage, way: Callable[[Node], Any]) -> None:
    file_of(stage).write_text("triggers: [{type: time, every: 1 hour}]\n" + BROKEN)
    with pytest.raises(InvalidDefinition) as refused:
        way(stage.node)
    assert str(refused.value).startswith(
        "scenarios/one.yaml:2: steps.0.items.0: There is no object 'nothing'."
    )
    assert stage.history("one") == []


def test_nor_when_its_time_comes(stage: Stage) -> None:
    file_of(stage).write_text(f"active: true\ntriggers: [{{type: time, every: 1 hour, zone: UTC}}]\n{BROKEN}")
    (run,) = stage.at(MONDAY + HOUR)
    assert run.scenario == "two"
    assert "There is no object 'nothing'" in stage.shown("one").error


def test_nor_as_a_step_of_another_one(stage: Stage) -> None:
    stage.write("outer", steps=[{"type": "run_scenario", "scenario": "one"}])
    file_of(stage).write_text(BROKEN)
    run = scenarios.run_and_wait(stage.node, KEY, "outer", fail_on="")
    assert run.outcome is Outcome.FAILED
    assert "scenarios/one.yaml:1" in run.message
    assert stage.history("one") == []


def test_a_good_edit_runs_and_is_in_the_history_then(stage: Stage) -> None:
    file_of(stage).write_text("steps: [{type: define_variables, values: {x: 2}}]\n")
    scenarios.start(stage.node, KEY, "one")
    assert stage.node.projects.uncommitted(KEY) == []
