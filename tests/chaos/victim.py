"""A process that builds and is killed in the middle of a write: prints `writing`, then waits for ever."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from penstock.core.folder import Folder
from penstock.core.project import Project
from penstock.runtime import jobs
from tests.runtime.stage import Do, a_node, a_project, do

SCHEMA = pa.schema([("n", pa.int64())])


def the_project() -> Project:
    return a_project(
        {"make": do("", "a"), "copy": do("a", "b", "write"), "last": do("b", "c")},
        folders={"inside": Folder()},
    )


def half_written(ctx: Any) -> None:
    """Hands the engine a first part that it writes, then never the second."""

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, 400_000, 50_000):
            yield pa.record_batch([pa.array(range(start, start + 50_000))], schema=SCHEMA)
        print("writing", flush=True)
        sys.stdin.read()

    ctx.write("b", pa.RecordBatchReader.from_batches(SCHEMA, batches()))


def half_swapped(ctx: Any) -> None:
    """Waits between the swap of its output and the end of the activity."""

    def wait() -> None:
        print("writing", flush=True)
        sys.stdin.read()

    ctx.write("b", pa.table({"n": [2]}))
    ctx.after_success(wait)


def patient(ctx: Any) -> None:
    """Writes, and waits until it is told to stop."""
    ctx.write("b", pa.table({"n": [2]}))
    print("writing", flush=True)
    while not ctx.should_stop():
        threading.Event().wait(0.01)
    ctx.check_stop()


def alone(ctx: Any) -> None:
    """Fails when another process is inside at the same time."""
    place = ctx.folder("inside")
    mark = place / "mark"
    mark.touch(exist_ok=False)
    ctx.write("b", pa.table({"n": [int((place / "count").read_text())]}))
    (place / "count").write_text(str(int((place / "count").read_text()) + 1))
    mark.unlink()


if __name__ == "__main__":
    acts = {"half_written": half_written, "half_swapped": half_swapped, "patient": patient, "alone": alone}
    Do.ACTS["write"] = acts[sys.argv[2]]
    jobs.build(a_node(Path(sys.argv[1]), the_project()), "P", ["c"], "all")
