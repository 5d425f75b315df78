"""Project files that cannot be used are told: once, and again when that changes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import home, working
from penstock.runtime.alarm import Alarm
from penstock.testing import KEY, a_node, a_project

STEPS = "steps: [{type: define_variables, values: {x: 1}}]\n"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    node.projects.save(KEY, {"scenarios/s.yaml": STEPS}, author="ann", message="Write it")
    return node


def write(node: Node, file: str, text: str) -> None:
    (node.projects.path(KEY) / file).write_text(text)


def test_a_problem_is_told_once_again_when_it_changes_and_when_it_is_mended(node: Node) -> None:
    told: list[str] = []
    alarm = Alarm(node, told.append)
    alarm.look()
    assert told == []
    write(node, "flow/datasets/raw.yaml", "type: mangaed\n")
    alarm.look()
    alarm.look()
    assert [line.partition(": type:")[0] for line in told] == [f"{KEY}: flow/datasets/raw.yaml:1"]
    write(node, "scenarios/s.yaml", f"active: perhaps\n{STEPS}")
    alarm.look()
    assert "scenarios/s.yaml:1" in told[1]
    write(node, "scenarios/s.yaml", f"active: certainly\n{STEPS}")
    alarm.look()
    assert "certainly" in told[2]
    write(node, "scenarios/s.yaml", STEPS)
    alarm.look()
    assert told[3:] == [f"{KEY}: scenarios/s.yaml is well formed again."]


def test_an_edited_scenario_that_names_what_is_not_there_is_told_too(node: Node) -> None:
    told: list[str] = []
    write(node, "scenarios/s.yaml", "steps: [{type: build, items: [rwa]}]\n")
    Alarm(node, told.append).look()
    [line] = told
    assert line == f"{KEY}: scenarios/s.yaml:1: steps.0.items.0: There is no object 'rwa'. Did you mean raw?"


def test_the_status_of_the_home_shows_what_is_broken(node: Node) -> None:
    assert home.status(node).problems == ()
    write(node, "flow/datasets/raw.yaml", "type: mangaed\n")
    [said] = home.status(node).problems
    assert said.startswith(f"{KEY}: flow/datasets/raw.yaml:1: type: There is no dataset kind 'mangaed'")


@pytest.mark.parametrize("until_idle", [True, False])
def test_a_worker_tells_it(node: Node, until_idle: bool) -> None:
    write(node, "flow/datasets/raw.yaml", "type: mangaed\n")
    told: list[str] = []
    stop = threading.Event()

    def alarm(line: str) -> None:
        told.append(line)
        stop.set()

    working.work(node, until_idle=until_idle, alarm=alarm, stop=stop)
    assert len(told) == 1
    assert "mangaed" in told[0]
