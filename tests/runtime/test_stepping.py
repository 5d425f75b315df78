"""Runs that are taken on, and runs that have ended while people are still being told."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from penstock.core.scenario import LEASE, StepRun
from penstock.runtime import asking, connections, scenarios
from penstock.testing import KEY

from .acts import WELL, a_scenario, a_stage, named, run


@pytest.mark.parametrize(("died", "said"), [(True, "its worker died"), (False, "its worker was stopped")])
def test_the_log_says_that_a_step_was_begun_anew_and_why(tmp_path: Path, died: bool, said: str) -> None:
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("First", WELL), named("Second", WELL))
    asked = asking.ask(node, KEY, "s")
    taken = node.scenario_runs.claim("w", node.clock.now(), LEASE, run=asked.id)
    assert taken is not None
    begun = StepRun(
        run=asked.id, position=0, label="First", type="define_variables", state="RUNNING", why="It was its turn.",
        attempts=1, started_at=node.clock.now(),
    )  # fmt: skip
    assert node.scenario_runs.save_step(begun, owner="w")
    assert node.scenario_runs.requeue(asked.id, "w", beats=taken.beats if died else None)
    scenarios.wait(node, asked.id)
    lines = [line for line in scenarios.log(node, asked.id).splitlines() if "Begun anew" in line]
    assert len(lines) == 1, "the second step was not under way"
    assert lines[0].endswith(f"Begun anew after {said}.")
    assert "Begun anew" in scenarios.log(node, asked.id, "First")


def test_a_run_whose_worker_died_before_its_first_step_says_so(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    asked = asking.ask(node, KEY, a_scenario(node, "s", WELL))
    taken = node.scenario_runs.claim("w", node.clock.now(), LEASE, run=asked.id)
    assert taken is not None
    assert node.scenario_runs.requeue(asked.id, "w", beats=taken.beats)
    scenarios.wait(node, asked.id)
    assert scenarios.log(node, asked.id).count("ended before its first step") == 1


def test_a_run_nobody_had_before_says_nothing_of_the_kind(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    assert "anew" not in scenarios.log(node, run(node, a_scenario(node, "s", WELL)).id)


def test_the_time_it_takes_to_tell_people_is_not_counted(tmp_path: Path) -> None:
    node = a_stage(tmp_path)
    told = tmp_path / "told"
    program = tmp_path / "tell"
    program.write_text(f"#!/bin/sh\necho told > {told}\n")
    program.chmod(0o755)
    connections.define(node, "pager", {"type": "command", "program": [str(program)]})
    done = run(node, a_scenario(node, "s", WELL, reporters=[{"type": "command", "message": "Done."}]))
    assert done.ended_at is not None
    assert done.reports[0]["state"] == "sent"
    assert done.ended_at < datetime.fromtimestamp(os.stat(told).st_mtime, UTC)
