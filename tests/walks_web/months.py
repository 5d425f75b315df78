"""What both tutorials begin with: purchases of three months as files, the last one drifted, and a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from penstock.core.node import Node
from penstock.runtime import datasets, folders, jobs, zones
from penstock.testing import KEY, a_project

HISTORY, APRIL, MAY = "history.csv", "april.csv", "may.csv"
FILES = {"type": "files", "folder": "months", "format": "csv"}
BEFORE: Mapping[str, Mapping[str, Any]] = {
    "folders/months": {"short_description": "What the bank delivers, a file a month."},
    "datasets/history": {
        "type": "files",
        "folder": "months",
        "format": "csv",
        "selection": {"mode": "explicit", "files": [HISTORY]},
    },
    "datasets/new_transactions": {
        "type": "files",
        "folder": "months",
        "format": "csv",
        "selection": {"mode": "explicit", "files": [APRIL]},
    },
    "models/authorized": {
        "design": {
            "target": "authorized_flag",
            "features": {"transaction_id": "reject"},
            "algorithms": ["logistic_regression"],
            "importance": "off",
        }
    },
    "recipes/train_authorized": {"type": "train", "input": "history", "model": "authorized"},
}
"""The Flow before anything is clicked: files, and the model trained on the oldest."""
WATCHED: Mapping[str, Mapping[str, Any]] = {
    "evaluations/mes_for_input_drift": {},
    "recipes/evaluate_drift": {
        "type": "evaluate",
        "input": "new_transactions",
        "model": "authorized",
        "store": "mes_for_input_drift",
        "skip_performance": True,
    },
}
"""A store that watches the inputs, for the tutorial that begins with one."""


def furnish(node: Node, folder: Path, more: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """The project with its files and its model, and `more` objects."""
    a_project(node, {**BEFORE, **(more or {})})
    tables = {HISTORY: month(1500, seed=1), APRIL: month(800, seed=2), MAY: month(600, seed=3, shift=3.0)}
    for name, table in tables.items():
        pa.csv.write_csv(table, folder / name)
    folders.put(node, KEY, "months", [folder / name for name in tables])
    for dataset in ("history", "new_transactions"):
        datasets.infer(node, KEY, dataset, author="ann", save=True)
    jobs.build(node, KEY, ["authorized"])
    zones.move(node, KEY, ["new_transactions"], "Model Scoring", author="ann", new=True)


def month(rows: int, *, seed: int, shift: float = 0.0) -> pa.Table:
    """Purchases of a month; `shift` makes the cards older, in deviations."""
    random = np.random.default_rng(seed)
    age, score = random.normal(60 + 20 * shift, 20, rows), random.normal(680, 50, rows)
    sector = random.integers(0, 4, rows)
    logit = 0.02 * (age - 60) + 0.01 * (score - 680) - 0.3 * (sector - 1.5)
    return pa.table(
        {
            "transaction_id": [f"{seed}-{i}" for i in range(rows)],
            "card_age": age.round(2),
            "card_fico_score": score.round(1),
            "sector": [f"sector {s}" for s in sector],
            "authorized_flag": (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int64),
        }
    )
