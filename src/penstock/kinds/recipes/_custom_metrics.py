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
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._evaluation import CustomMetric

CHILD = Path(__file__).with_name("_custom_metrics_child.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What custom metrics are given. Columns of `rows`: `truth`, `prediction`, `proba_0` … in class order."""

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


def measure(metrics: Sequence[CustomMetric], material: Material, ctx: RecipeContext) -> Measured:
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
        ctx.run_python(CHILD, {"PENSTOCK_CUSTOM_METRICS": str(folder)})
    except ActivityFailed as failure:
        return Measured(failures={m.name: failure.message for m in metrics})
    return _sorted_out(json.loads((folder / "results.json").read_text()))


def _sorted_out(results: dict[str, dict[str, object]]) -> Measured:
    values = {metric.custom_id(n): float(str(r["value"])) for n, r in results.items() if "value" in r}
    return Measured(values, {n: str(r["error"]) for n, r in results.items() if "error" in r})
