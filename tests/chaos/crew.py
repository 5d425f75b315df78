"""Worker processes on one home, a ten-step scenario for them, and what it must leave however often they are killed.

    python -m tests.chaos.crew HOME        is one worker

Every script of the scenario writes a line with its name and the time into the file of effects. So does the script of
the scenario that the ninth step runs.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun, StepRun
from penstock.runtime import scenarios, worker
from penstock.runtime.lease import process_of
from penstock.testing import a_node, a_project, rows

KEY = "DEMO"
EFFECT = """
import os, time
line = f"{name} {{time.time():.6f}}\\n".encode()
handle = os.open({path!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(handle, line)
os.close(handle)
"""
BUILDS = """
from penstock.scenario import Scenario
scenario = Scenario()
scenario.build("c", mode="only")
scenario.set_output(["built", "c"])
"""


def effects(home: Path) -> Path:
    return home / "effects.txt"


def a_home(folder: Path, database: str = "") -> Node:
    """A node with the scenario `ten`, which runs the scenario `inner`; its state may lie elsewhere."""
    if database:
        (folder / "home").mkdir()
        (folder / "home" / "config.yaml").write_text(f"database: {database}\n")
    node = a_node(folder)
    objects: dict[str, Any] = {
        "datasets/raw": {
            "type": "inline", "columns": [{"name": "n", "type": "int"}], "rows": [{"n": n} for n in range(3)],
        },
        **{f"datasets/{name}": {"type": "managed"} for name in "abc"},
        **{
            f"recipes/make_{output}": {"type": "sync", "input": input, "output": output}
            for input, output in (("raw", "a"), ("a", "b"), ("b", "c"))
        },
    }  # fmt: skip
    a_project(node, objects)
    path = str(effects(node.config.home))
    patient = {"retries": 9, "retry_delay": 0.0}

    def script(name: str, more: str = "") -> dict[str, Any]:
        return {"type": "python", "name": name, "code": EFFECT.format(name=name, path=path) + more, **patient}

    ten: list[dict[str, Any]] = [
        script("S0"),
        {"type": "build", "name": "S1", "items": ["a"], "mode": "only", **patient},
        {"type": "define_variables", "name": "S2", "values": {"x": 1, "text": "hello"}},
        script("S3"),
        {"type": "build", "name": "S4", "items": ["b"], "mode": "only", **patient},
        script("S5", BUILDS),
        {"type": "set_project_variables", "name": "S6", "values": {"said": "${text} world"}},
        {"type": "compute_metrics", "name": "S7", "items": ["c"], **patient},
        {"type": "run_scenario", "name": "S8", "scenario": "inner", **patient},
        script("S9"),
    ]
    scenarios.save(node, KEY, "inner", {"steps": [script("I0"), script("I1")]}, author="ann")
    scenarios.save(node, KEY, "ten", {"steps": ten}, author="ann")
    return node


def summary(node: Node, run: ScenarioRun) -> Mapping[str, Any]:
    """What a run came to, as far as it must be the same whatever happened on the way."""
    project = node.projects.load(KEY)
    return {
        "run": (run.state, run.outcome),
        "steps": [
            (s.label, s.state, s.outcome, _plain(s)) for s in node.scenario_runs.steps(run.id) if not s.part
        ],
        "children": [(r.scenario, r.state, r.outcome) for r in children(node, run)],
        "data": {name: rows(node, name) for name in "abc"},
        "variables": dict(project.settings.variables),
    }


def children(node: Node, run: ScenarioRun) -> list[ScenarioRun]:
    return [r for r in node.scenario_runs.runs(KEY, "inner", limit=0) if r.parent == run.id]


def _plain(step: StepRun) -> Any:
    """The output, but what names moments and ids."""
    return step.output if step.type in ("python", "define_variables", "set_project_variables") else None


def broken(node: Node, run: ScenarioRun, expected: Mapping[str, Any], before: float) -> list[str]:
    """Every promise that was not kept for a run, as sentences. `before` is when it was asked for."""
    said = [
        f"{what}: {got!r} instead of {expected[what]!r}"
        for what, got in summary(node, run).items()
        if got != expected[what]
    ]
    said += _repeated(node, run, before)
    said += _left_over(node)
    return said


def _repeated(node: Node, run: ScenarioRun, before: float) -> list[str]:
    """Scripts and builds that were begun after their step had been recorded as finished, or never were."""
    lines = [line.split() for line in effects(node.config.home).read_text().splitlines()]
    found = []
    for r in (run, *children(node, run)):
        for step in node.scenario_runs.steps(r.id):
            if step.ended_at is None:
                continue
            end = step.ended_at.timestamp() + 0.002
            times = [float(at) for name, at in lines if name == step.label and float(at) >= before]
            times += [
                job.created_at.timestamp()
                for job in node.runs.jobs(KEY, limit=0) if job.id in step.jobs
            ]  # fmt: skip
            found += [f"{step.label} was run again after its end" for at in times if at > end]
            if step.type == "python" and not step.part and not times:
                found.append(f"{step.label} never ran")
    return found


def _left_over(node: Node) -> list[str]:
    unfinished = [job.id for job in node.runs.jobs(KEY, limit=0) if not job.state.final]
    half = [str(p) for p in (node.config.home / "data").rglob(".*") if p.is_dir()]
    blocked = node.runs.claim(KEY, ["a", "b", "c"], "look")
    node.runs.release("look")
    return [f"left over: {what}" for what in (unfinished, half, blocked) if what]


@dataclass
class Crew:
    """Worker processes on one home; whoever is killed is replaced."""

    home: Path
    size: int = 2
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def fill(self) -> None:
        self.processes = [p for p in self.processes if p.poll() is None]
        while len(self.processes) < self.size:
            with (self.home / "workers.txt").open("ab") as said:
                command = [sys.executable, "-m", "tests.chaos.crew", str(self.home)]
                self.processes.append(subprocess.Popen(command, stdout=said, stderr=said))

    @contextmanager
    def at_work(self) -> Iterator[Crew]:
        self.fill()
        try:
            yield self
        finally:
            for process in self.processes:
                process.kill()
                process.wait()


def holder(node: Node, run: str) -> tuple[int, str] | None:
    """(pid, owner) of the worker that has a run."""
    for hold in node.scenario_runs.holds():
        if hold.run == run:
            return int(process_of(hold.owner).rsplit(":", 2)[1]), hold.owner
    return None


def kill_worker(pid: int) -> bool:
    try:
        psutil.Process(pid).kill()
    except psutil.NoSuchProcess:
        return False
    return True


def kill_children(pid: int, patience: float = 1.0) -> bool:
    """Kill what a worker started, waiting a moment for something to be there; False when nothing was."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            found = psutil.Process(pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return False
        killed = [kill_worker(child.pid) for child in found]
        if any(killed):
            return True
        time.sleep(0.002)
    return False


def ended(run: ScenarioRun) -> bool:
    return run.state is RunState.DONE and run.outcome is Outcome.SUCCESS


if __name__ == "__main__":
    from penstock.app import open_node

    worker.work(open_node(Path(sys.argv[1])), settings=worker.Settings(lanes=2))
