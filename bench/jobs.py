"""What a job costs around the work itself: a chain of 20 trivial table recipes, beside the same reads and writes alone.

    python bench/jobs.py [activities]

Each activity reads a dataset of ten rows and writes another one. "Own work" is the same expression read and written
by the engine in a session, without any job: no plan, no rows of state, no swap, no metrics, no log. Best of five.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from penstock.app import open_node
from penstock.core.node import Node
from penstock.runtime import jobs, projects, variables
from penstock.runtime.contexts import reading

ROUNDS, LIMIT_MS = 5, 20.0


def main(activities: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        node = open_node(home)
        make(node, activities)
        jobs.build(node, "BENCH", [f"d{activities}"])
        job = min(seconds(lambda: build(node, activities)) for _ in range(ROUNDS))
        own = min(seconds(lambda: work_alone(node, activities, Path(home))) for _ in range(ROUNDS))
        again = min(seconds(lambda: jobs.build(node, "BENCH", [f"d{activities}"])) for _ in range(ROUNDS))
    each, alone = job / activities * 1000, own / activities * 1000
    print(f"A job of {activities} trivial table activities\n")
    print(f"{'whole job, per activity':42} {each:8.1f} ms")
    print(f"{'own work, per activity':42} {alone:8.1f} ms")
    verdict = "reached" if each - alone < LIMIT_MS else "MISSED"
    print(f"{'overhead per activity':42} {each - alone:8.1f} ms   (must be under {LIMIT_MS:g}: {verdict})")
    print(f"{'smart build with nothing to do':42} {again * 1000:8.1f} ms")


def make(node: Node, activities: int) -> None:
    """d0 (ten rows, typed in) → sync → d1 → sync → d2 …"""
    node.projects.create("BENCH", title="Bench", author="bench")
    files = {"flow/datasets/d0.yaml": inline()}
    for number in range(1, activities + 1):
        files[f"flow/datasets/d{number}.yaml"] = "type: managed\n"
        files[f"flow/recipes/r{number}.yaml"] = f"type: sync\ninput: d{number - 1}\noutput: d{number}\n"
    node.projects.save("BENCH", files, author="bench", message="A chain")


def inline() -> str:
    rows = "".join(f"  - {{n: {n}, t: text {n}}}\n" for n in range(10))
    return f"type: inline\ncolumns:\n  - {{name: n, type: int}}\n  - {{name: t}}\nrows:\n{rows}"


def build(node: Node, activities: int) -> None:
    jobs.build(node, "BENCH", [f"d{activities}"], "all")


def work_alone(node: Node, activities: int, home: Path) -> None:
    project = projects.show(node, "BENCH")
    for number in range(activities):
        with (
            reading(node, project, variables.resolve(node, project)) as opened,
            tempfile.TemporaryDirectory(dir=home) as folder,
        ):
            opened.session.write_parquet(opened.table(f"d{number}"), Path(folder))


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
