"""A project with a model that was trained in a moment, and evaluations of it: made once, then copied."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from penstock.core.node import Node
from penstock.testing import KEY, a_node, a_project, build, fill
from tests.kinds.recipes.fraud import DESIGN, fares, transactions
from tests.once import once

FRAUD: dict[str, Any] = {
    "datasets/history": {"type": "managed"},
    "datasets/april": {"type": "managed"},
    "datasets/may": {"type": "managed"},
    "models/authorized": {"design": {**DESIGN, "importance": "auto"}},
    "evaluations/mes": {},
    "evaluations/blind": {},
    "recipes/learn": {"type": "train", "input": "history", "model": "authorized"},
    "recipes/judge": {
        "type": "evaluate", "input": "april", "model": "authorized", "store": "mes",
        "evaluation_id": "april", "evaluation_name": "April", "labels": {"month": "04"},
    },
    "recipes/look_at_may": {
        "type": "evaluate", "input": "may", "model": "authorized", "store": "blind",
        "evaluation_id": "may", "evaluation_name": "May", "skip_performance": True,
    },
}  # fmt: skip
RIDES: dict[str, Any] = {
    "datasets/rides": {"type": "managed"},
    "models/fare": {"design": {"target": "fare", "algorithms": ["ridge"], "importance": "off"}},
    "recipes/learn_fare": {"type": "train", "input": "rides", "model": "fare"},
    "evaluations/fares": {},
    "recipes/judge_rides": {
        "type": "evaluate", "input": "rides", "model": "fare", "store": "fares", "evaluation_id": "rides",
    },
}  # fmt: skip


def a_bank(folder: Path) -> Node:
    """Project DEMO: model `authorized` with one version; store `mes` with April and May (its cards are older), store
    `blind` with May without truth; model `fare`, a regression, with store `fares`."""
    shutil.copytree(once("bank", _make) / "home", folder / "home")
    return a_node(folder)


def _make(folder: Path) -> None:
    node = a_node(folder)
    a_project(node, {**FRAUD, **RIDES})
    fill(node, "history", transactions(1500))
    fill(node, "april", transactions(400, seed=2))
    fill(node, "may", transactions(400, seed=3, shift=1.0))
    fill(node, "rides", fares(400))
    for name in ("learn", "learn_fare", "judge", "look_at_may", "judge_rides"):
        run(node, name)
    again = {"input": "may", "evaluation_id": "may", "evaluation_name": "May", "labels": {"month": "05"}}
    a_project(node, {"recipes/judge": {**FRAUD["recipes/judge"], **again}})
    run(node, "judge")


def run(node: Node, recipe: str) -> None:
    """Run one recipe, whatever is fresh or stale."""
    build(node, recipe, mode="NON_RECURSIVE_FORCED_BUILD", key=KEY)
