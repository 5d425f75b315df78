"""Scenarios in one line, for tests of runs: real node, real database, steps that do next to nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from penstock.core.node import Node
from penstock.core.scenario import ScenarioRun, StepRun
from penstock.runtime import scenarios
from penstock.runtime.events import Event
from penstock.testing import KEY, a_node, a_project

WELL: Mapping[str, Any] = {"type": "define_variables", "values": {"x": 1}}
BADLY: Mapping[str, Any] = {"type": "define_variables", "formulas": {"y": "there_is_no_such_name + 1"}}
SLEEP: Mapping[str, Any] = {"type": "python", "code": "import time; print('asleep'); time.sleep(60)"}


def a_stage(tmp_path: Path, objects: Mapping[str, Any] | None = None, **settings: Any) -> Node:
    """A node with the project DEMO."""
    node = a_node(tmp_path, **settings)
    a_project(node, objects)
    return node


def named(name: str, step: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {**step, "name": name, **more}


def a_scenario(node: Node, name: str, *steps: Mapping[str, Any], author: str = "ann", **settings: Any) -> str:
    """Save a scenario, written as its file would be; its name."""
    text = json.dumps({**settings, "steps": list(steps)} if steps else settings)
    node.projects.save(KEY, {f"scenarios/{name}.yaml": text}, author=author, message=f"Define {name}")
    return name


def a_script(node: Node, name: str, code: str, **settings: Any) -> str:
    """Save a Python scenario."""
    scenarios.save(node, KEY, name, {"kind": "python", "body": code, **settings}, author="ann")
    return name


def run(node: Node, name: str, **words: Any) -> ScenarioRun:
    """Run it here, to its end, whatever that is."""
    return scenarios.run_and_wait(node, KEY, name, **{"fail_on": "", **words})


def steps(node: Node, run: ScenarioRun) -> dict[str, StepRun]:
    return {step.label: step for step in scenarios.steps(node, run.id)}


def when(text: str, act: Callable[[], Any]) -> Callable[[Event], None]:
    """Watch for a line of a log, and do something as soon as it comes (once)."""
    done: list[bool] = []

    def watch(event: Event) -> None:
        if event.what == "log" and text in event.message and not done:
            done.append(True)
            act()

    return watch
