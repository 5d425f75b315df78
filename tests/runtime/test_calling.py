"""Scenarios that run each other never wait for themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Conflict
from penstock.core.node import Node
from penstock.core.scenario import LEASE, RunState, ScenarioRun
from penstock.runtime import asking, calling, lease
from tests.runtime.acts import KEY, WELL, a_scenario, a_stage


def begun(node: Node, name: str) -> ScenarioRun:
    """A run that somebody does."""
    asked = asking.ask(node, KEY, name)
    run = node.scenario_runs.claim(lease.token(node), node.clock.now(), LEASE, run=asked.id)
    assert run is not None
    return run


def called(node: Node, caller: ScenarioRun, name: str) -> ScenarioRun:
    return asking.ask(node, KEY, name, parent=caller, parent_step="0/1")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_stage(tmp_path)
    for name in ("a", "b", "c"):
        a_scenario(node, name, WELL, on_conflict="queue one")
    return node


def test_of_two_runs_that_would_wait_for_each_other_the_second_one_to_ask_is_refused(node: Node) -> None:
    a, b = begun(node, "a"), begun(node, "b")
    after_a = called(node, b, "a")
    calling.check_no_deadlock(node, b, after_a)
    after_b = called(node, a, "b")
    with pytest.raises(Conflict, match="a → b → a"):
        calling.check_no_deadlock(node, a, after_b)
    assert node.scenario_runs.run(after_a.id).state is RunState.QUEUED
    assert node.scenario_runs.run(after_b.id).state is RunState.CANCELLED


def test_the_circle_is_seen_over_a_third_scenario_too(node: Node) -> None:
    a, b, c = begun(node, "a"), begun(node, "b"), begun(node, "c")
    calling.check_no_deadlock(node, b, called(node, b, "c"))
    calling.check_no_deadlock(node, c, called(node, c, "a"))
    with pytest.raises(Conflict, match="waits for this one to end"):
        calling.check_no_deadlock(node, a, called(node, a, "b"))


def test_waiting_in_line_for_a_run_that_waits_for_nobody_is_fine(node: Node) -> None:
    a = begun(node, "a")
    begun(node, "b")
    calling.check_no_deadlock(node, a, called(node, a, "b"))


def test_a_run_of_the_same_scenario_further_up_is_a_circle_and_one_beside_is_none(node: Node) -> None:
    a = begun(node, "a")
    called(node, a, "b")
    b = node.scenario_runs.claim(lease.token(node), node.clock.now(), LEASE)
    assert b is not None
    calling.check_no_circle(node, b, KEY, "c")
    calling.check_no_circle(node, b, "OTHER", "a")
    with pytest.raises(Conflict, match="a → b → a"):
        calling.check_no_circle(node, b, KEY, "a")
    with pytest.raises(Conflict, match="b cannot run itself"):
        calling.check_no_circle(node, b, KEY, "b")
