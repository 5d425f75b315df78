"""A project with something to show, and what a tile of it shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from penstock.core.node import Node
from penstock.core.tile import Content, Notice
from penstock.runtime import dashboards, evaluations
from penstock.testing import KEY, a_node, a_project, fill

CARRIERS = ["UA", "UA", "UA", "AA", "AA", None]
FLIGHTS = pa.table(
    {
        "carrier": CARRIERS,
        "origin": ["EWR", "JFK", "EWR", "EWR", "JFK", "JFK"],
        "distance": pa.array([100, 200, 300, 400, 500, 600], pa.int64()),
        "delay": pa.array([1.0, 2.0, 3.0, 4.0, None, 6.0]),
        "at": pa.array([datetime(2013, m, 5, tzinfo=UTC) for m in (1, 1, 2, 2, 3, 3)]),
        "late": [True, False, True, False, True, None],
    }
)
CHECK = {
    "type": "numeric_range",
    "name": "Drift",
    "metric": "Data Drift",
    "soft_maximum": 0.6,
    "maximum": 0.7,
}


def a_world(folder: Path, **settings: Any) -> Node:
    """A node with such a project."""
    return furnished(a_node(folder, **settings))


def furnished(node: Node, **flights: Any) -> Node:
    """Rows of flights, a store with two evaluations and a check, a scenario, a folder, a model without versions."""
    a_project(
        node,
        {
            "datasets/flights": {"type": "managed", **flights}, "datasets/bare": {"type": "managed"},
            "evaluations/mes": {"checks": [CHECK]}, "folders/pictures": {}, "models/late": {},
        },
    )  # fmt: skip
    node.projects.save(
        KEY, {"scenarios/retrain.yaml": "title: Retrain it\n"}, author="ann", message="Define retrain"
    )
    fill(node, "flights", FLIGHTS)
    for value in (0.55, 0.65):
        evaluations.push(node, KEY, "mes", {"drift:DATA_DRIFT": value}, name=f"of {value}")
    return node


def shown(node: Node, tile: dict[str, Any], **more: Any) -> Content:
    """What a tile shows; its settings as in YAML."""
    return dashboards.preview(node, KEY, tile, **more).content


def part(node: Node, tile: dict[str, Any], **more: Any) -> Any:
    """The only part of what it shows."""
    (found,) = shown(node, tile, **more).parts
    return found


def told(node: Node, tile: dict[str, Any]) -> Notice:
    """Why there is nothing to see."""
    found = part(node, tile)
    assert isinstance(found, Notice)
    return found
