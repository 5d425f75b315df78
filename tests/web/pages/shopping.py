"""A project with a forecast that was trained in a moment: made once, then copied."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from penstock.core.node import Node
from penstock.testing import KEY, a_node, a_project, build, fill
from tests.ml.shops import DESIGN, sales

SHOPS: dict[str, Any] = {
    "datasets/sales": {"type": "managed"},
    "datasets/latest": {"type": "managed"},
    "datasets/ahead": {"type": "managed"},
    "models/demand": {"forecast": DESIGN},
    "recipes/learn": {"type": "train", "input": "sales", "model": "demand"},
    "recipes/look_ahead": {"type": "forecast", "input": "latest", "model": "demand", "output": "ahead"},
}


def shops(folder: Path) -> Node:
    """Project DEMO: model `demand` with one version, learned from `sales`; `latest` goes on with future holidays."""
    shutil.copytree(_made(), folder / "home")
    return a_node(folder)


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="penstock-shops-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    node = a_node(folder)
    a_project(node, SHOPS)
    fill(node, "sales", sales())
    fill(node, "latest", sales(ahead=5))
    build(node, "learn", mode="NON_RECURSIVE_FORCED_BUILD", key=KEY)
    return folder / "home"
