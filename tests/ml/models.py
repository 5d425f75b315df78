"""Small tables and trained models for the tests of this folder."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core import registry
from penstock.core.design import Design
from penstock.ml.train import TrainedModel, train


@cache
def visits(rows: int = 600, seed: int = 0) -> pa.Table:
    """Numbers with gaps, a small integer, categories, a flag, instants, an identifier and three targets."""
    random = np.random.default_rng(seed)
    age, count = random.normal(size=rows), random.integers(0, 5, rows)
    city = random.choice(["Bonn", "Graz", "Bern"], rows)
    score = 1.5 * age + 0.5 * count - 1 + (city == "Bonn")
    late = (random.random(rows) < 1 / (1 + np.exp(-score))).astype(np.int64)
    start = np.datetime64("2024-01-01T00", "s")
    return pa.table(
        {
            "age": pa.array(np.where(random.random(rows) < 0.1, np.nan, age), from_pandas=True),
            "count": count,
            "city": pa.array([None if i % 17 == 0 else c for i, c in enumerate(city)]),
            "member": random.random(rows) < 0.5,
            "when": start + random.integers(0, 8760, rows).astype("timedelta64[h]"),
            "id": [f"id {i}" for i in range(rows)],
            "late": late,
            "level": np.array(["low", "middle", "high"])[np.digitize(score, [-1, 1])],
            "minutes": 10 * score + random.normal(size=rows),
        }
    )


TARGETS = ("late", "level", "minutes")


def design(target: str = "late", *, algorithm: str | dict[str, Any] = "lightgbm", **settings: Any) -> Design:
    """A design over `visits`: the other targets rejected, one small algorithm."""
    chosen = {"type": algorithm} if isinstance(algorithm, str) else algorithm
    small = {"trees": 10} if chosen["type"] in ("lightgbm", "random_forest", "extra_trees") else {}
    features = {t: "reject" for t in TARGETS if t != target} | settings.pop("features", {})
    mapping = {"target": target, "features": features, "algorithms": [small | chosen]}
    return registry.validate(Design, mapping | settings)


def trained(
    target: str = "late", *, algorithm: str | dict[str, Any] = "lightgbm", rows: int = 600, **settings: Any
) -> TrainedModel:
    """A model trained on `visits`; equal arguments share one."""
    return _trained(target, json.dumps(algorithm), rows, json.dumps(settings))


@cache
def _trained(target: str, algorithm: str, rows: int, settings: str) -> TrainedModel:
    return train(design(target, algorithm=json.loads(algorithm), **json.loads(settings)), visits(rows))
