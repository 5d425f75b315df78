"""What a scenario's step costs around its own work, beside Dagster and Prefect; and how soon a run begins.

    python bench/steps.py [--only overhead|start]

Every side does a chain of steps that do nothing but write a line to their log, kept durably (rows in SQLite, files),
each with its defaults on a fresh home. What is compared is what one more step costs: a long chain minus a short one,
divided by how much longer it is, so that starting up counts for nobody; the median of several rounds, each in a fresh
process, after a chain that warms up. Peers live in environments of their own under .bench/, built once. Prefect 3.8.8
does not start with the newest FastAPI, so that is pinned back. Its flows do not wait until a task is recorded: what a
killed flow had done a moment ago is not known afterwards. So it stands here twice.

Beside the step that runs where the worker is, our step that runs people's Python stands too: like Dagster's
multiprocess executor it has a process of its own for every step.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from measure import Measured, in_child, measured, tell
from peers import compiled, kept, python_of

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.scenario import ScenarioRun

DAGSTER = ["dagster==1.13.28"]
PREFECT = ["prefect==3.8.8", "fastapi==0.139.0"]
MUST, SOON = 50.0, 0.5
KEY = "BENCH"
CHAINS = {
    "ours": (20, 220),
    "ours_python": (5, 25),
    "dagster": (2, 8),
    "dagster_inside": (5, 25),
    "prefect": (20, 220),
    "prefect_kept": (20, 220),
}
"""Side → steps of the short and of the long chain; Dagster's stand in dagster_chains.py."""
ROUNDS, COLD, WARM = 3, 3, 20


def main(only: str) -> int:
    compiled()
    missed = overhead() if only in ("", "overhead") else 0
    return missed + (start() if only in ("", "start") else 0)


def overhead() -> int:
    """What one more step costs on every side."""
    pythons = {"dagster": python_of("dagster", DAGSTER), "prefect": python_of("prefect", PREFECT)}
    sides = {
        "Penstock, a step in the worker": ("ours", sys.executable),
        "Penstock, a Python step in its own process": ("ours_python", sys.executable),
        "Dagster, multiprocess executor": ("dagster", pythons["dagster"]),
        "Dagster, in-process executor": ("dagster_inside", pythons["dagster"]),
        "Prefect, until its server has the task": ("prefect_kept", pythons["prefect"]),
        "Prefect, as the flow goes on (not kept yet)": ("prefect", pythons["prefect"]),
    }
    found = {title: per_step(side, python) for title, (side, python) in sides.items()}
    each = {title: median(rounds) for title, rounds in found.items()}
    ours, of_process, dagster, *_ = each.values()
    print(f"{'one more no-op step, durable, with its log':46} {'ms':>9} {'÷ ours':>9}   {ROUNDS} rounds, ms")
    for title, rounds in found.items():
        told = " ".join(f"{ms:.1f}" for ms in sorted(rounds))
        print(f"{title:46} {each[title]:9.1f} {each[title] / ours:9.1f}   {told}")
    verdict = "reached" if dagster / ours >= MUST else "MISSED"
    print(
        f"\nDagster's multiprocess executor costs {dagster / ours:.0f} times as much (must be {MUST:g}: {verdict});"
    )
    print(f"with a process for every step on both sides, {dagster / of_process:.0f} times.")
    return verdict == "MISSED"


def per_step(side: str, python: str) -> list[float]:
    """Milliseconds of one more step, in each round."""
    short, long = CHAINS[side]
    with tempfile.TemporaryDirectory(dir=kept()) as folder:
        rounds = [in_child(Path(__file__), side, folder, python=python) for _ in range(ROUNDS)]
    found = [[float(x) for x in done.result.split()] for done in rounds]
    return [(b - a) / (long - short) * 1000 for a, b in found]


def start() -> int:
    """From asking for a run to the first line of its log: with a worker that waits, and with nobody there."""
    with tempfile.TemporaryDirectory() as folder:
        node = _made(Path(folder), {"noop": [_noop(0)]})
        penstock = [sys.executable, "-m", "penstock.cli", "--home", folder, "--project", KEY]
        cold = [_cold(node, penstock) for _ in range(COLD + 1)][1:]
        warm = _warm(node, penstock)
    verdict = "reached" if median(warm) < SOON else "MISSED"
    print(f"\n{'from `run` to the first line of the log':46} {'median s':>9} {'longest':>9}")
    told = f"must be under {SOON:g}: {verdict}"
    print(f"{f'warm, a worker waits, {WARM} times':46} {median(warm):9.3f} {max(warm):9.3f}   {told}")
    print(f"{f'cold, a new `penstock scenario run`, {COLD} times':46} {median(cold):9.3f} {max(cold):9.3f}")
    return verdict == "MISSED"


def _cold(node: Node, penstock: list[str]) -> float:
    """A command that nobody waits for: Python starts, the run is asked for, the same process does it."""
    before = {run.id for run in node.scenario_runs.runs(KEY)}
    begun = time.perf_counter()
    with subprocess.Popen([*penstock, "scenario", "run", "noop"], stdout=subprocess.DEVNULL) as command:
        fresh = _first(lambda: [run for run in node.scenario_runs.runs(KEY) if run.id not in before])
        _first_line(node, fresh[0])
        took = time.perf_counter() - begun
        command.wait()
    return took


def _warm(node: Node, penstock: list[str]) -> list[float]:
    """Runs asked for one after the other while a worker process waits; the first one warms it up."""
    from penstock.runtime import asking, scenarios

    took = []
    with subprocess.Popen([*penstock, "work"], stdout=subprocess.DEVNULL) as worker:
        _first(node.scenario_runs.workers)
        for _ in range(WARM + 1):
            begun = time.perf_counter()
            run = asking.ask(node, KEY, "noop", by="bench")
            _first_line(node, run)
            took.append(time.perf_counter() - begun)
            scenarios.wait(node, run.id, work=False)
        worker.terminate()
    return took[1:]


def _first_line(node: Node, run: ScenarioRun) -> None:
    log = node.scenario_runs.log_path(run.id)
    _first(lambda: log.exists() and log.stat().st_size)


def _first(look: Callable[[], Any]) -> Any:
    """What a look gives as soon as it gives anything."""
    while not (found := look()):
        time.sleep(0.002)
    return found


def _noop(number: int) -> dict[str, object]:
    return {"type": "define_variables", "name": f"S{number}", "values": {"x": 1}}


def _made(home: Path, chains: dict[str, list[dict[str, object]]]) -> Node:
    from penstock.app import open_node
    from penstock.runtime import scenarios

    node = open_node(home, user="bench")
    node.projects.create(KEY, title="Bench", author="bench")
    for name, steps in chains.items():
        scenarios.save(node, KEY, name, {"steps": steps}, author="bench")
    return node


def _ours(folder: Path, steps: list[list[dict[str, object]]]) -> str:
    """Seconds of the short and of the long chain, each after one that warms up."""
    from penstock.runtime import scenarios

    home = Path(tempfile.mkdtemp(dir=folder))
    node = _made(home, {f"chain{n}": chain for n, chain in enumerate(steps)})

    def run(name: str) -> float:
        begun = time.perf_counter()
        scenarios.run_and_wait(node, KEY, name, by="bench", fail_on="WARNING")
        return time.perf_counter() - begun

    run("chain0")
    return f"{run('chain0')} {run('chain1')}"


def ours(folder: Path) -> str:
    return _ours(folder, [[_noop(n) for n in range(count)] for count in CHAINS["ours"]])


def ours_python(folder: Path) -> str:
    steps = [
        [{"type": "python", "name": f"S{n}", "code": "print('noop')"} for n in range(count)]
        for count in CHAINS["ours_python"]
    ]
    return _ours(folder, steps)


def dagster(folder: Path) -> str:
    return _dagster(folder, "dagster")


def dagster_inside(folder: Path) -> str:
    return _dagster(folder, "dagster_inside")


def _dagster(folder: Path, side: str) -> str:
    home = Path(tempfile.mkdtemp(dir=folder)).absolute()
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    os.environ["DAGSTER_HOME"] = str(home)
    os.chdir(Path(__file__).parent)  # where its child processes look for modules
    import dagster_chains
    from dagster import DagsterInstance, execute_job, reconstructable

    def run(count: int) -> float:
        begun = time.perf_counter()
        with DagsterInstance.get() as instance:
            chain = reconstructable(getattr(dagster_chains, f"{side}_{count}"))
            assert execute_job(chain, instance=instance).success
        return time.perf_counter() - begun

    short, long = CHAINS[side]
    run(short)
    return f"{run(short)} {run(long)}"


def prefect(folder: Path) -> str:
    return _prefect(folder, "prefect")


def prefect_kept(folder: Path) -> str:
    return _prefect(folder, "prefect_kept")


def _prefect(folder: Path, side: str) -> str:
    """Tasks tell a server of themselves in the background; `prefect_kept` waits until it has written them down."""
    home = Path(tempfile.mkdtemp(dir=folder))
    os.environ |= {"PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    from prefect import flow, get_run_logger, task

    @task
    def noop() -> None:
        get_run_logger().info("noop")

    @flow
    def chain(count: int) -> None:
        for _ in range(count):
            noop()

    done = 0

    def run(count: int) -> float:
        nonlocal done
        begun, done = time.perf_counter(), done + count
        chain(count)
        while side == "prefect_kept" and _completed(home) < done:
            time.sleep(0.02)
        seconds = time.perf_counter() - begun
        while _completed(home) < done:  # the next chain does not pay for this one
            time.sleep(0.02)
        return seconds

    short, long = CHAINS[side]
    run(short)
    return f"{run(short)} {run(long)}"


def _completed(home: Path) -> int:
    """Task runs that Prefect's server has recorded as ended."""
    import sqlite3

    database = sqlite3.connect(f"file:{home / 'prefect.db'}?mode=ro", uri=True, timeout=30)
    with closing(database):
        ended = database.execute("SELECT count(*) FROM task_run WHERE state_type = 'COMPLETED'")
        return int(ended.fetchone()[0])


SIDES: dict[str, Callable[[Path], str]] = {
    "ours": ours, "ours_python": ours_python, "dagster": dagster, "dagster_inside": dagster_inside,
    "prefect": prefect,
    "prefect_kept": prefect_kept,
}  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] in SIDES:
        done: Measured = measured(lambda: SIDES[sys.argv[1]](Path(sys.argv[2])))
        tell(done)
        sys.exit(0)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=["overhead", "start"], default="")
    sys.exit(main(parser.parse_args().only))
