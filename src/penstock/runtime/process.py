"""People's `process` functions of probes, checks and rules, called in a child process."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.core.metric import MetricValue, ObjectKey
    from penstock.core.node import Node

CHILD = Path(__file__).with_name("_process_child.py")
MOST = 3
"""Parameters `process` may take: the values, the object, the partition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One call: what the function may ask for. `values` is None for a probe, which is given the object first."""

    code: str
    key: ObjectKey
    columns: Sequence[str]
    rows: Sequence[Path]
    """Parquet files of a dataset; empty when the function does not ask for the object."""
    path: str
    """Root of a folder."""
    library: Path
    values: Mapping[str, MetricValue] | None = None
    python: Path | None = None
    """The Python of a code environment."""


def call(
    node: Node, task: Task, *, work: Path, log: Callable[[str], None], should_stop: Callable[[], bool]
) -> Any:
    """What `process` returned. Raises ActivityFailed with the line that names the exception."""
    (work / "process.py").write_text(task.code, encoding="utf-8")
    (work / "task.json").write_text(json.dumps(_told(task)), encoding="utf-8")
    environment = {"PENSTOCK_PROCESS": str(work)}
    node.engines.run_python(
        code=CHILD, environment=environment, log=log, should_stop=should_stop, work=work, python=task.python
    )
    return json.loads((work / "answer.json").read_text(encoding="utf-8"), object_hook=_read)


def parameters(code: str) -> int:
    """How many positional arguments `process` takes; the most there are when that cannot be seen."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return MOST
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "process"]
    if not found or found[-1].args.vararg is not None:
        return MOST
    return len(found[-1].args.posonlyargs) + len(found[-1].args.args)


def _told(task: Task) -> dict[str, Any]:
    values = task.values or {}
    return {
        "judges": task.values is not None,
        "library": str(task.library),
        "values": {i: [p.get_value(), p.data_type, p.computed_at.isoformat()] for i, p in values.items()},
        "subject": {
            "project": task.key.project, "type": task.key.type, "name": task.key.name,
            "partition": task.key.partition, "columns": list(task.columns), "path": task.path,
            "rows": [str(file) for file in task.rows],
        },
    }  # fmt: skip


def _read(mapping: dict[str, Any]) -> Any:
    if set(mapping) == {"$tuple"}:
        return tuple(mapping["$tuple"])
    if set(mapping) == {"$date"}:
        text = str(mapping["$date"])
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    return mapping
