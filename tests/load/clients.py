"""Many processes write durable steps into one state at once.

    python -m tests.load.clients [--clients 50] [--steps 1000] [--state postgresql]

Every client is a process that holds a run of its own and writes its steps one by one, each in a transaction of its
own: begun (RUNNING) and ended (DONE). Now and then it also counts up a row that all of them share. At the end every
step must be there as it was written last, the shared count must be exact, and nobody may have met a locked database.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState, ScenarioRun, StepRun
from penstock.core.trigger import TriggerState
from penstock.store.database import Database
from penstock.store.scenario_runs import SqlScenarioRuns

from ..figures import Figure, broken, table
from ..servers import SORTS, a_state

SHARED_EVERY = 20
"""Steps between two additions to what all share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    clients: int
    steps: int
    seconds: float
    errors: Sequence[str]
    lost_steps: int
    lost_additions: int
    on_server: bool = False
    slowest: float
    """Seconds of the slowest single write of all clients."""

    @property
    def locked(self) -> int:
        return sum("locked" in error for error in self.errors)

    @property
    def figures(self) -> list[Figure]:
        writes, others = 2 * self.clients * self.steps, len(self.errors) - self.locked
        return [
            Figure(
                "durable writes", f"{writes:,} in {self.seconds:.0f} s, {writes / self.seconds:,.0f} a second"
            ),
            Figure("slowest write", f"{self.slowest:.2f} s"),
            Figure("clients that met a locked database", f"{self.locked}", "none", not self.locked),
            Figure("clients that met another error", f"{others}", "none", not others),
            Figure("steps lost, of all", f"{self.lost_steps}", "none", not self.lost_steps),
            Figure(
                "additions lost, of those to one shared row",
                f"{self.lost_additions}",
                "none",
                not self.lost_additions,
            ),
        ]

    def __str__(self) -> str:
        where = "PostgreSQL" if self.on_server else "one SQLite home"
        return table(f"{self.clients} processes × {self.steps:,} steps into {where}", self.figures)


def measure(place: str, *, clients: int, steps: int) -> Result:
    """Run the clients and look at what they left."""
    runs = _runs(place)
    runs.save_trigger(TriggerState(project="P", scenario="shared", trigger="count", memory=0))
    begun = time.monotonic()
    command = [sys.executable, "-m", "tests.load.clients", "--client", place, "--steps", str(steps)]
    children = [
        subprocess.Popen(
            [*command, "--name", f"r{n}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for n in range(clients)
    ]
    told = [child.communicate() for child in children]
    seconds = time.monotonic() - begun
    kept = sum(_whole(runs.steps(f"r{n}")) for n in range(clients))
    (shared,) = runs.trigger_states("P", "shared")
    return Result(
        clients=clients, steps=steps, seconds=seconds, on_server=runs.database.on_server,
        errors=[errors.strip().splitlines()[-1] for _, errors in told if errors],
        lost_steps=clients * steps - kept,
        lost_additions=clients * -(-steps // SHARED_EVERY) - shared.memory,
        slowest=max(float(output or 0) for output, _ in told),
    )  # fmt: skip


def client(place: str, name: str, steps: int) -> float:
    """Write the steps of one run; returns the seconds of the slowest write."""
    runs, slowest = _runs(place), 0.0
    run = ScenarioRun(
        id=name, project="P", scenario=name, definition={}, state=RunState.QUEUED, asked_at=datetime.now(UTC),
        asked_by="load", run_as="load",
    )  # fmt: skip
    runs.ask(run)
    assert runs.claim(name, datetime.now(UTC), LEASE, run=name)
    for number in range(steps):
        begun = time.monotonic()
        step = StepRun(
            run=name, position=number, label=f"Step {number}", type="load", state="RUNNING", why="It runs.",
            attempts=1, started_at=datetime.now(UTC),
        )  # fmt: skip
        assert runs.save_step(step, owner=name)
        ended = replace(
            step, state="DONE", outcome=Outcome.SUCCESS, output=number, ended_at=datetime.now(UTC)
        )
        assert runs.save_step(ended, owner=name)
        slowest = max(slowest, (time.monotonic() - begun) / 2)
        if number % SHARED_EVERY == 0:
            _add(runs)
    return slowest


def _add(runs: SqlScenarioRuns) -> None:
    """Count up what all share; whoever was overtaken reads again."""
    while True:
        (state,) = runs.trigger_states("P", "shared")
        if runs.save_trigger(replace(state, memory=state.memory + 1)):
            return


def _whole(steps: Sequence[StepRun]) -> int:
    return sum(s.state == "DONE" and s.output == s.position for s in steps)


def _runs(place: str) -> SqlScenarioRuns:
    return SqlScenarioRuns(Database(place), Path("logs"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--name", default="", help=argparse.SUPPRESS)
    parser.add_argument("--state", choices=SORTS, default=SORTS[0])
    asked = parser.parse_args()
    if asked.client:
        print(client(asked.client, asked.name, asked.steps))
        return
    with tempfile.TemporaryDirectory() as home, a_state(asked.state) as database:
        result = measure(database or f"sqlite:///{home}/state.db", clients=asked.clients, steps=asked.steps)
    print("\n".join([*dict.fromkeys(result.errors), str(result)]))
    sys.exit(broken(result.figures))


if __name__ == "__main__":
    main()
