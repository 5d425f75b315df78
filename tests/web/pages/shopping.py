"""A project with a forecast that was trained in a moment and judged on later rows: made once, then copied."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from penstock.core.node import Node
from penstock.testing import KEY, a_node, a_project, build, fill
from tests.ml.shops import DESIGN, sales
from tests.once import once

SHOPS: dict[str, Any] = {
    "datasets/sales": {"type": "managed"},
    "datasets/latest": {"type": "managed"},
    "datasets/ahead": {"type": "managed"},
    "datasets/later": {"type": "managed"},
    "models/demand": {"forecast": DESIGN},
    "evaluations/backtests": {},
    "recipes/learn_demand": {"type": "train", "input": "sales", "model": "demand"},
    "recipes/look_ahead": {"type": "forecast", "input": "latest", "model": "demand", "output": "ahead"},
    "recipes/look_back": {
        "type": "evaluate", "input": "later", "model": "demand", "store": "backtests", "evaluation_id": "may",
    },
}  # fmt: skip


def shops(folder: Path) -> Node:
    """Project DEMO: model `demand` with one version, learned from `sales` and judged on May, `later`; `latest` goes on
    with future holidays."""
    shutil.copytree(once("shops", _make) / "home", folder / "home")
    return a_node(folder)


def _make(folder: Path) -> None:
    node = a_node(folder)
    a_project(node, SHOPS)
    forecast(node)


def forecast(node: Node) -> None:
    """Train and judge the forecast of a project that has the objects."""
    fill(node, "sales", sales())
    fill(node, "latest", sales(ahead=5))
    fill(node, "later", sales(150))
    for recipe in ("learn_demand", "look_back"):
        build(node, recipe, mode="NON_RECURSIVE_FORCED_BUILD", key=KEY)
