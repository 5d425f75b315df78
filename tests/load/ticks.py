"""What it costs to look at triggers of which none is due, and what it leaves behind.

    python -m tests.load.ticks [--scenarios 1000] [--ticks 1000000]

A tick with 1,000 scenarios is timed beside a tick with 10 in the same run; then so many ticks are done one after the
other, and the database is measured before and after. Once a minute a tick looks at all files too, and once an hour
it compares all rows with their scenarios; what that costs is shared out among the ticks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from penstock.core.node import Node
from penstock.runtime.schedule import EVERY_FILE, EVERY_ROW
from penstock.runtime.triggers import Ticker
from penstock.runtime.worker import TICK
from penstock.testing import a_node, a_project

from ..figures import Figure, broken, table

KEY, RATIO = "DEMO", 2.0
WEEKLY = """
active: true
triggers:
  - {type: time, name: Weekly, every: 1 week}
  - {type: time, name: Monthly, every: 1 month}
steps:
  - {type: define_variables, name: S, values: {x: 1}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds."""

    tick: float
    """Median of a tick."""
    files: float
    """A tick that looks at the stamps of all files."""
    rows: float
    """A tick that compares all rows with their scenarios."""

    @property
    def in_all(self) -> float:
        """A tick and its share of the looks that are taken now and then."""
        return self.tick + self.files * TICK / EVERY_FILE + self.rows * TICK / EVERY_ROW


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What many ticks left behind."""

    ticks: int
    seconds: float
    bytes_before: int
    bytes_after: int
    rows_before: int
    rows_after: int

    @property
    def unchanged(self) -> bool:
        return (self.bytes_before, self.rows_before) == (self.bytes_after, self.rows_after)

    @property
    def figures(self) -> list[Figure]:
        grown, more = self.bytes_after - self.bytes_before, self.rows_after - self.rows_before
        return [
            Figure(
                f"{self.ticks:,} idle ticks",
                f"{self.seconds:.0f} s, {self.seconds / self.ticks * 1000:.3f} ms each",
            ),
            Figure(
                "… size of the database",
                f"{self.bytes_before:,} → {self.bytes_after:,} bytes",
                "as before",
                not grown,
            ),
            Figure(
                "… rows about triggers and runs",
                f"{self.rows_before:,} → {self.rows_after:,}",
                "as before",
                not more,
            ),
        ]

    def __str__(self) -> str:
        return table("Idle ticks", self.figures)


def a_node_with(folder: Path, scenarios: int) -> Node:
    """Scenarios with two triggers each, none of them due for a week."""
    folder.mkdir(parents=True, exist_ok=True)
    node = a_node(folder)
    a_project(node)
    files: dict[str, Any] = {f"scenarios/s{n}.yaml": WEEKLY for n in range(scenarios)}
    node.projects.save(KEY, files, author="ann", message="Many scenarios")
    return node


def cost(node: Node, ticks: int) -> Cost:
    ticker, now = Ticker(), node.clock.now()
    ticker(node, now)
    assert node.scenario_runs.trigger_states(KEY)
    ticker.files.rows_seen_at = -EVERY_ROW
    rows = _seconds(ticker, node)
    ticker.files.files_seen_at = -EVERY_FILE
    files = _seconds(ticker, node)
    return Cost(tick=median(_seconds(ticker, node) for _ in range(ticks)), files=files, rows=rows)


def idle(node: Node, ticks: int) -> Idle:
    """Tick again and again, the clock of the ticks going half a second each time, for at most a day."""
    ticker, now = Ticker(), node.clock.now()
    ticker(node, now)
    before = _size(node)
    begun = time.monotonic()
    for number in range(ticks):
        ticker(node, now + timedelta(seconds=TICK * number % 86_400))
    seconds = time.monotonic() - begun
    after = _size(node)
    return Idle(
        ticks=ticks, seconds=seconds, bytes_before=before[0], bytes_after=after[0], rows_before=before[1],
        rows_after=after[1],
    )  # fmt: skip


def _seconds(ticker: Ticker, node: Node) -> float:
    now = node.clock.now()
    begun = time.perf_counter()
    ticker(node, now)
    return time.perf_counter() - begun


def _size(node: Node) -> tuple[int, int]:
    """(bytes of the database and what belongs to it, rows about triggers and runs)."""
    files = sum(p.stat().st_size for p in node.config.home.glob("state.db*"))
    return files, len(node.scenario_runs.trigger_states()) + node.scenario_runs.count()


def _costs(few: Node, many: Node) -> list[Figure]:
    """What a tick costs with few scenarios and with many: the median of three rounds of each, one beside the other."""
    costs = [(cost(few, 500), cost(many, 500)) for _ in range(3)]
    lines = {"a tick": "tick", "… that looks at all files, once a minute": "files",
             "… that compares all rows, once an hour": "rows", "a tick with its share of both": "in_all"}  # fmt: skip
    return [_beside(what, [(getattr(f, name), getattr(m, name)) for f, m in costs],
                    limited=name in ("tick", "in_all")) for what, name in lines.items()]  # fmt: skip


def _beside(what: str, pairs: Sequence[tuple[float, float]], *, limited: bool) -> Figure:
    """`0.02 ms → 0.03 ms, ratio 1.4`; some ratios are limited."""
    few, many = (median(side) * 1000 for side in zip(*pairs, strict=True))
    ratio = median(m / f for f, m in pairs)
    found = f"{few:.3f} → {many:.3f} ms, ratio {ratio:.2f}"
    return Figure(what, found, f"ratio under {RATIO:g}" if limited else "", ratio < RATIO or not limited)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenarios", type=int, default=1000)
    parser.add_argument("--ticks", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, many = (a_node_with(Path(folder) / str(n), n) for n in (10, asked.scenarios))
        figures = [*_costs(few, many), *idle(many, asked.ticks).figures]
    print(table(f"Ticks with 10 scenarios → with {asked.scenarios:,}, two triggers each, none due", figures))
    sys.exit(broken(figures))


if __name__ == "__main__":
    main()
