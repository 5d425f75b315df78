"""The Flow of a large project: how long 1,000 nodes take to be arranged, drawn and answered, and how large they are.

    python bench/flow.py [nodes] [--keep FOLDER]

The promise: arranged in well under a second; the page answered within two.
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
KEY = "LARGE"
ARRANGED, ANSWERED = 1.0, 2.0
"""Seconds that are promised for 1,000 nodes."""


def main(nodes: int = 1000, keep: Path | None = None) -> int:
    sys.path.insert(0, str(ROOT))
    from penstock.drawing import flow as drawing
    from penstock.drawing.zones import arrange
    from penstock.runtime import flow
    from penstock.testing import a_node, a_project

    with tempfile.TemporaryDirectory() as folder:
        node = a_node(keep or Path(folder))
        a_project(node, project(nodes), key=KEY)
        node.projects.save(KEY, {"flow/zones.yaml": zones(nodes)}, author="ann", message="Zones")
        picture = flow.show(node, KEY, fresh=True)
        svg = drawing.svg(picture, drawing.Looks(alone=False))
        rows = [
            ("nodes", float(len(picture.nodes)), ""),
            ("zones", float(len(picture.boxes)), ""),
            ("read and judged", seconds(lambda: flow.show(node, KEY, fresh=True)), "s"),
            ("arranged", seconds(lambda: arrange(picture)), "s"),
            ("arranged and drawn", seconds(lambda: drawing.svg(picture)), "s"),
            ("SVG", len(svg) / 1000, "kB"),
            ("SVG as it travels", len(gzip.compress(svg.encode(), 6)) / 1000, "kB"),
            ("page answered", answered(node), "s"),
        ]
    for words, value, unit in rows:
        print(f"{words:<22}{value:>10.3f} {unit}" if unit == "s" else f"{words:<22}{value:>10.0f} {unit}")
    found = {words: value for words, value, _ in rows}
    return int(found["arranged"] > ARRANGED or found["page answered"] > ANSWERED)


def project(nodes: int) -> dict[str, Mapping[str, Any]]:
    """Managed datasets, and recipes that stack one to three of the last ones."""
    chance = random.Random(1)
    found: dict[str, Mapping[str, Any]] = {"datasets/d0": {"type": "managed"}}
    datasets = ["d0"]
    while len(found) < nodes:
        name = f"d{len(datasets)}"
        found[f"datasets/{name}"] = {"type": "managed"}
        if chance.random() < 0.9:
            read = chance.sample(datasets[-30:], min(len(datasets), chance.choice([1, 1, 2, 3])))
            found[f"recipes/make_{name}"] = {"type": "stack", "inputs": read, "output": name}
        datasets.append(name)
    return found


def zones(nodes: int) -> str:
    """Eight zones, each with a stretch of the Flow."""
    size = nodes // 16
    lines = [
        f"  Part {z}: {{items: [{', '.join(f'd{n}' for n in range(z * size, z * size + size))}]}}\n"
        for z in range(8)
    ]
    return "zones:\n" + "".join(lines)


def answered(node: Any) -> float:
    from tests.web.browser import a_browser

    browser = a_browser(node)
    return seconds(lambda: browser.get(f"/projects/{KEY}/flow"))


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median of a few runs, after one that warms up."""
    work()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("nodes", type=int, nargs="?", default=1000)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    sys.exit(main(chosen.nodes, chosen.keep))
