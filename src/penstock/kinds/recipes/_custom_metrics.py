"""Metrics that a person wrote: run together in one child process, each failing alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core import metric
from penstock.core.errors import ActivityFailed

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._evaluation import CustomMetric
    from penstock.ml.task import Guessed, Judged, Task

CHILD = Path(__file__).with_name("_custom_metrics_child.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What custom metrics are given. Columns of `rows` are those of `arrays`."""

    rows: pa.Table
    current: Path | None = None
    """The evaluated rows kept for drift."""
    reference: Path | None = None
    """Rows of the version's test set, or of the reference dataset."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Metric id → value, and name → why there is none."""

    values: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(
    metrics: Sequence[CustomMetric], material: Material, ctx: RecipeContext, code_environment: str = ""
) -> Measured:
    """Run every function. One that raises, or returns no finite number, is a failure beside the others."""
    import pyarrow.parquet as pq

    if not metrics:
        return Measured()
    folder = ctx.work / "custom_metrics"
    folder.mkdir()
    pq.write_table(material.rows, folder / "rows.parquet")
    (folder / "task.json").write_text(json.dumps({
        "metrics": [{"name": m.name, "code": m.code} for m in metrics],
        "current": str(material.current or ""), "reference": str(material.reference or ""),
    }))  # fmt: skip
    try:
        ctx.run_python(CHILD, {"PENSTOCK_CUSTOM_METRICS": str(folder)}, code_environment)
    except ActivityFailed as failure:
        return Measured(failures={m.name: failure.message for m in metrics})
    return _sorted_out(json.loads((folder / "results.json").read_text()))


def arrays(task: Task | None, guess: Guessed | None, judged: Judged | None) -> pa.Table:
    """Labels (or numbers) of the judged rows; without a truth, of all rows that have a prediction."""
    import numpy as np
    import pyarrow as pa

    if task is None or guess is None:
        return pa.table({})
    rows = guess.known if judged is None else judged.rows
    names = np.asarray(task.classes) if task.classes else None

    def words(values: np.ndarray) -> np.ndarray:
        return values if names is None else np.asarray(names[values.astype(np.int64)])

    columns = {"prediction": words(guess.label[rows])}
    if judged is not None:
        columns = {"truth": words(judged.truth), **columns}
    if guess.proba is not None:
        columns |= {f"proba_{n}": guess.proba[rows, k] for k, n in enumerate(task.class_names)}
    return pa.table(columns)


def _sorted_out(results: dict[str, dict[str, object]]) -> Measured:
    values = {metric.custom_id(n): float(str(r["value"])) for n, r in results.items() if "value" in r}
    return Measured(values, {n: str(r["error"]) for n, r in results.items() if "error" in r})
