"""A small fraud-like project on a real node: transactions, a model that is trained in a moment, and its recipes."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core import registry
from penstock.core.design import Design
from penstock.core.evaluation import Evaluation, EvaluationStore
from penstock.core.job import Job
from penstock.core.model import SavedModel
from penstock.core.node import Node
from penstock.core.project import Project
from penstock.core.recipe import Recipe
from penstock.runtime import evaluations, jobs
from tests.runtime.stage import Rows, a_node, a_project, change, fill, rows

DESIGN = {
    "target": "authorized_flag", "features": {"transaction_id": "reject"},
    "algorithms": ["logistic_regression"], "importance": "off", "threshold": 0.4,
}  # fmt: skip
SECTORS = ["food", "travel", "games"]


def transactions(count: int, *, seed: int = 1, shift: float = 0.0) -> pa.Table:
    """Purchases; whether they are authorized follows from amount, card age and sector. `shift` ages the cards."""
    random = np.random.default_rng(seed)
    amount, age = random.gamma(2, 50, count), random.normal(60 + 40 * shift, 20, count)
    sector = random.integers(0, 3, count)
    logit = 0.03 * (age - 60) - 0.01 * (amount - 100) + np.array([0.8, 0.0, -0.8])[sector]
    return pa.table(
        {
            "transaction_id": [f"t{seed}-{i}" for i in range(count)],
            "amount": amount,
            "card_age": age,
            "sector": [SECTORS[s] for s in sector],
            "authorized_flag": (random.random(count) < 1 / (1 + np.exp(-logit))).astype(np.int64),
        }
    )


def fares(count: int, *, seed: int = 1) -> pa.Table:
    """Rides with a fare to predict."""
    random = np.random.default_rng(seed)
    distance, night = random.gamma(2, 3, count), random.integers(0, 2, count)
    fare = 3 + 2 * distance + 4 * night + random.normal(0, 1, count)
    return pa.table({"distance": distance, "night": night, "fare": fare})


def recipe(type: str, **fields: Any) -> Recipe:
    """recipe("score", input="may", model="m", output="scored")"""
    parsed = registry.parse("recipes", {"type": type, **fields})
    assert isinstance(parsed, Recipe)
    return parsed


def a_bank(tmp_path: Path, *, design: dict[str, Any] | None = None, **model: Any) -> Node:
    """A node with project P: dataset `history`, model `authorized`, its train recipe, store `mes`."""
    node = a_node(tmp_path, _a_project(design or DESIGN, **model))
    fill(node, "history", transactions(1500))
    return node


def _a_project(design: dict[str, Any], **model: Any) -> Project:
    saved = SavedModel(design=registry.validate(Design, design), **model)
    return a_project(
        {"train_authorized": recipe("train", input="history", model="authorized")},
        models={"authorized": saved}, evaluation_stores={"mes": EvaluationStore(), "other": EvaluationStore()},
    )  # fmt: skip


def trained(tmp_path: Path, **settings: Any) -> Node:
    """The same, with a first version trained; without settings it is a copy of one that was trained once."""
    if settings:
        return _trained(a_bank(tmp_path, **settings))
    shutil.copytree(_template(), tmp_path / "home")
    return a_node(tmp_path, _a_project(DESIGN))


def _trained(node: Node) -> Node:
    jobs.build(node, "P", ["authorized"])
    return node


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="penstock-fraud-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _trained(a_bank(folder))
    return folder / "home"


def add(node: Node, **recipes: Recipe) -> None:
    """Put recipes into the project; datasets they use appear."""
    project = node.projects.load("P")
    change(node, recipes={**project.recipes, **recipes})


def retag(node: Node, dataset: str, *tags: str) -> None:
    project = node.projects.load("P")
    change(node, datasets={**project.datasets, dataset: Rows(tags=tags)})


def set_variables(node: Node, **values: Any) -> None:
    change(node, local_variables=values)


def run(node: Node, name: str, *, no_fail: bool = False) -> Job:
    """Run one recipe, whatever is fresh or stale."""
    return jobs.build(node, "P", [name], "NON_RECURSIVE_FORCED_BUILD", no_fail=no_fail)


def evaluated(node: Node, dataset: str = "may", *, store: str = "mes", **fields: Any) -> Evaluation:
    """Evaluate the model on a dataset and give the newest evaluation."""
    add(node, evaluate_it=recipe("evaluate", input=dataset, model="authorized", store=store, **fields))
    run(node, "evaluate_it")
    return evaluations.newest(node, "P", store)


def detail(node: Node, evaluation: Evaluation) -> dict[str, Any]:
    return dict(node.evaluations.detail(evaluation))


def table(node: Node, dataset: str) -> pa.Table:
    return pa.Table.from_pylist(rows(node, dataset))


__all__ = [
    "a_bank", "add", "detail", "evaluated", "fares", "fill", "recipe", "replace", "retag", "rows", "run",
    "set_variables", "table", "trained", "transactions",
]  # fmt: skip
