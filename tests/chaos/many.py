"""Kill workers, their children, and both, at random moments of a ten-step scenario, and count what went wrong.

python -m tests.chaos.many [--kills 200] [--seed 1] [--state postgresql]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from penstock.core.node import Node
from penstock.core.scenario import ScenarioRun
from penstock.runtime import asking, scenarios

from ..figures import Figure, table
from ..figures import broken as broken_promises
from ..servers import SORTS, a_state
from .crew import KEY, Crew, a_home, broken, holder, kill_children, kill_worker, summary

MODES = ("worker", "child", "both")
MOST_A_RUN = 4
"""A run is given up when five workers in a row die with the same step."""
PATIENCE, SOON = 90.0, 30.0


@dataclass
class Figures:
    """What happened, and what should not have."""

    kills: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    again: int = 0
    """Steps that were in progress when their worker died, and were run again."""
    waits: list[float] = field(default_factory=list)
    """Seconds from the death of a worker until another one had its run."""
    broken: list[str] = field(default_factory=list)

    @property
    def figures(self) -> list[Figure]:
        waits = self.waits or [0.0]
        return [
            Figure("killed", ", ".join(f"{mode} {self.kills[mode]}" for mode in MODES)),
            Figure("steps in progress, begun again", f"{self.again}"),
            Figure("steps lost, run twice or with another result", f"{len(self.broken)}", "none", not self.broken),
            Figure(
                "until another worker went on, median and longest", f"{median(waits):.1f} s, {max(waits):.1f} s",
                f"within {SOON:g} s", max(waits) <= SOON,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        title = f"{self.kills.total()} kills at random moments, in {self.runs} runs of ten steps"
        return "\n".join([*(f"! {sentence}" for sentence in self.broken), table(title, self.figures)])


def kill_many(folder: Path, *, kills: int, seed: int, database: str = "", tell: bool = False) -> Figures:
    """Run the scenario again and again until so many processes have been killed."""
    node, chance, figures = a_home(folder, database), random.Random(seed), Figures()
    with Crew(node.config.home).at_work() as crew:
        expected, length = _undisturbed(node)
        while figures.kills.total() < kills:
            crew.fill()
            before = time.time()
            run = asking.ask(node, KEY, "ten", by="ann")
            most = min(MOST_A_RUN, kills - figures.kills.total())
            run = _disturbed(node, crew, run, Disturbance(chance, figures, length, most))
            figures.runs += 1
            figures.broken += [f"{run.id}: {sentence}" for sentence in broken(node, run, expected, before)]
            if tell:
                said = f"\r{figures.kills.total():>4} kills, {len(figures.broken)} broken promises"
                print(said, end="", file=sys.stderr, flush=True)
    return figures


def _undisturbed(node: Node) -> tuple[Mapping[str, Any], float]:
    """What the scenario comes to, and how many seconds it takes, when nobody is killed."""
    for _ in range(2):  # the first time much is loaded
        run = scenarios.wait(node, asking.ask(node, KEY, "ten", by="ann").id, work=False)
    assert run.started_at is not None
    assert run.ended_at is not None
    return summary(node, run), (run.ended_at - run.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Disturbance:
    chance: random.Random
    figures: Figures
    length: float
    """Seconds a run takes."""
    most: int


def _disturbed(node: Node, crew: Crew, run: ScenarioRun, how: Disturbance) -> ScenarioRun:
    """One run, with somebody killed again and again; returned when it has ended."""
    died, dead, done = 0.0, "", 0
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        now = node.scenario_runs.run(run.id)
        if now.state.final:
            return now
        held = holder(node, run.id)
        if held is None or held[1] == dead:
            time.sleep(0.01)
            continue
        pid, owner = held
        if died:
            how.figures.waits.append(time.monotonic() - died)
            died = 0.0
        if done == how.most:
            time.sleep(0.02)
            continue
        time.sleep(how.chance.uniform(0, how.length))
        mode = how.chance.choice(MODES)
        running = any(s.state == "RUNNING" for s in node.scenario_runs.steps(run.id))
        hit = _kill(mode, pid)
        if hit:
            done += 1
            how.figures.kills[hit] += 1
            deadline = time.monotonic() + PATIENCE
        if hit in ("worker", "both"):
            how.figures.again += running
            died, dead = time.monotonic(), owner
            crew.fill()
    how.figures.broken.append(f"{run.id}: did not end within {PATIENCE:g} seconds")
    return node.scenario_runs.run(run.id)


def _kill(mode: str, pid: int) -> str:
    """Returns what was really killed: a child may not be there at that moment."""
    children = mode != "worker" and kill_children(pid)
    worker = mode != "child" and kill_worker(pid)
    if worker:
        return "both" if children else "worker"
    return "child" if children else ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", choices=SORTS, default=SORTS[0])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, a_state(asked.state) as database:
        watched = sys.stderr.isatty()
        figures = kill_many(Path(folder), kills=asked.kills, seed=asked.seed, database=database, tell=watched)
    print(f"\r{figures}" if watched else figures)
    sys.exit(broken_promises(figures.figures))


if __name__ == "__main__":
    main()
