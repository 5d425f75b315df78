"""What the child process runs: the functions `metric(…)` of an evaluation, over rows another process wrote.

Needs nothing but numpy and pyarrow, so that it runs in the project's own environment.
"""

from __future__ import annotations

import inspect
import json
import math
import os
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """Read `task.json`, run every metric, write `results.json`: name → {"value": …} or {"error": …}."""
    task = json.loads((folder / "task.json").read_text())
    given = _given(folder, task)
    results = {metric["name"]: _outcome(metric, given) for metric in task["metrics"]}
    (folder / "results.json").write_text(json.dumps(results))


def _given(folder: Path, task: dict[str, Any]) -> dict[str, Any]:
    import numpy as np
    import pyarrow.parquet as pq

    rows = pq.read_table(folder / "rows.parquet")

    def column(name: str) -> Any:
        return rows[name].to_numpy() if name in rows.column_names else None

    probabilities = [column(n) for n in rows.column_names if n.startswith("proba_")]
    return {
        "truth": column("truth"),
        "prediction": column("prediction"),
        "proba": np.column_stack(probabilities) if probabilities else None,
        "current": pq.read_table(task["current"]) if task["current"] else None,
        "reference": pq.read_table(task["reference"]) if task["reference"] else None,
    }


def _outcome(metric: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    try:
        function = _function(metric)
        value = float(function(**_wanted(function, given)))
    except Exception as error:  # noqa: BLE001 - the edge of a process that runs somebody's code
        return {"error": f"{type(error).__name__}: {error}"}
    return {"value": value} if math.isfinite(value) else {"error": f"it returned {value}, no finite number"}


def _function(metric: dict[str, str]) -> Any:
    space: dict[str, Any] = {"__name__": f"custom_metric_{metric['name']}"}
    exec(compile(metric["code"], f"<metric {metric['name']}>", "exec"), space)
    if not callable(space.get("metric")):
        raise NameError("there is no function metric(truth, prediction, …)")
    return space["metric"]


def _wanted(function: Any, given: dict[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return given
    return {name: given[name] for name in parameters if name in given}


if __name__ == "__main__":
    main(Path(os.environ["PENSTOCK_CUSTOM_METRICS"]))
