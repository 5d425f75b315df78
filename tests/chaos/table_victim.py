"""A process that writes a table of a database and is killed on the way: prints `writing`, then waits for ever."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penstock.engine import arrival
from penstock.engine.tables import DatabaseTables
from penstock.engine.writers.postgres import PostgresWriter
from penstock.testing import a_node, build


def stand_still(*_: Any, **__: Any) -> None:
    print("writing", flush=True)
    sys.stdin.read()


def after(original: Callable[..., Any]) -> Callable[..., Any]:
    """Do it, and stop there."""

    def done(*args: Any, **words: Any) -> None:
        original(*args, **words)
        stand_still()

    return done


def in_the_copy() -> None:
    """Some rows are with the server, others never come."""
    settled = arrival.settled

    def never_ending(rows: Any, columns: Any = ()) -> Any:
        import pyarrow as pa

        found = settled(rows, columns)
        batch = found.read_next_batch()

        def batches() -> Any:
            for _ in range(50):
                yield batch
            stand_still()

        return pa.RecordBatchReader.from_batches(found.schema, batches())

    arrival.settled = never_ending


MOMENTS: dict[str, Callable[[], None]] = {
    "claimed": lambda: setattr(PostgresWriter, "claim", after(PostgresWriter.claim)),
    "in the copy": in_the_copy,
    "written": lambda: setattr(PostgresWriter, "analyze", after(PostgresWriter.analyze)),
    "in the swap": lambda: setattr(PostgresWriter, "swap", after(PostgresWriter.swap)),
    "before the end of the swap": lambda: setattr(PostgresWriter, "remember", after(PostgresWriter.remember)),
    "swapped": lambda: setattr(DatabaseTables, "finish", after(DatabaseTables.finish)),
    "computing": lambda: print("writing", flush=True),
}

if __name__ == "__main__":
    folder, moment, target = sys.argv[1:]
    MOMENTS[moment]()
    build(a_node(Path(folder)), target)
