"""Nothing of a project goes on while its version changes, and nobody who died keeps it from changing."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.core.errors import BeingBuilt
from penstock.core.job import BuildMode, Job, JobState
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState
from penstock.runtime import asking, holding, recovery, scenarios, version_control
from penstock.testing import KEY

from .acts import WELL, a_scenario, a_stage

GONE = f"{recovery.owner().split(':', 1)[0]}:1:0"
"""A process of this host that is no more: the first one, as if begun at another time."""


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_stage(tmp_path, {"datasets/raw": {"type": "managed"}})
    a_scenario(made, "night", WELL)
    version_control.create_branch(made, KEY, "next", by="ann")
    return made


def a_job(node: Node, id: str, owner: str) -> Job:
    return Job(
        id=id, project=KEY, mode=BuildMode.ONLY_THIS, targets=("raw",), initiator="ann", created_at=node.clock.now(),
        state=JobState.RUNNING, owner=owner,
    )  # fmt: skip


def switch(node: Node) -> str:
    return version_control.switch(node, KEY, "next", by="ann").branch


def test_a_scenario_that_builds_nothing_hinders_too_until_it_has_ended(node: Node) -> None:
    asked = asking.ask(node, KEY, "night")
    assert node.scenario_runs.claim("elsewhere:7:1/x", node.clock.now(), LEASE, run=asked.id)
    with pytest.raises(BeingBuilt, match=f"Scenario night is running \\(run {asked.id}\\)"):
        switch(node)
    assert node.runs.holders() == []
    assert node.scenario_runs.requeue(asked.id, "elsewhere:7:1/x")
    assert switch(node) == "next"
    assert scenarios.wait(node, asked.id).outcome is Outcome.SUCCESS


def test_a_scenario_whose_worker_died_hinders_nobody(node: Node) -> None:
    asked = asking.ask(node, KEY, "night")
    assert node.scenario_runs.claim(f"{GONE}/x", node.clock.now(), LEASE, run=asked.id)
    assert switch(node) == "next"


def test_a_job_whose_process_died_hinders_nobody_and_one_that_lives_does(node: Node) -> None:
    node.runs.add_job(a_job(node, "build_1", recovery.owner()))
    with pytest.raises(BeingBuilt, match="Job build_1 is running"):
        switch(node)
    node.runs.delete_project(KEY)
    node.runs.add_job(a_job(node, "build_2", GONE))
    assert switch(node) == "next"
    assert node.runs.job("build_2").state is JobState.FAILED


def test_a_run_that_would_begin_meanwhile_waits(node: Node) -> None:
    asked = asking.ask(node, KEY, "night")
    done = threading.Thread(target=scenarios.wait, args=(node, asked.id))
    with holding.hold(node, KEY, [KEY], verb="Try again"):
        done.start()
        while node.scenario_runs.run(asked.id).state is not RunState.RUNNING:
            done.join(0.01)
            assert done.is_alive()
        assert scenarios.steps(node, asked.id) == []
    done.join()
    assert scenarios.show(node, asked.id).outcome is Outcome.SUCCESS


def test_whoever_waits_for_a_change_looks_until_it_is_over_or_enough(node: Node) -> None:
    looks: list[int] = []

    def enough() -> bool:
        looks.append(1)
        return len(looks) == 3

    holding.wait_for_others(node, KEY, enough=enough)
    assert looks == []
    with holding.hold(node, KEY, [KEY], verb="Try again"):
        holding.wait_for_others(node, KEY, enough=enough)
    assert len(looks) == 3


def test_a_hold_of_a_host_that_may_be_gone_ends_by_itself(node: Node) -> None:
    now = node.clock.now()
    young, old = (
        f"a-{int(now.timestamp())}@away:7:1",
        f"b-{int((now - timedelta(hours=1)).timestamp())}@away:7:1",
    )
    node.runs.claim(KEY, ["raw"], young)
    node.runs.claim("OTHER", ["raw"], old)
    recovery.recover(node)
    assert node.runs.holders() == [young]
    with pytest.raises(BeingBuilt):
        switch(node)
