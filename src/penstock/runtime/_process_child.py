"""What the child process runs: a person's `process`, called with as much of what there is as it asks for.

Needs only the standard library; rows are opened with pyarrow, or pandas, when the function asks for them.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Point:
    """The latest value of a metric."""

    def __init__(self, metric_id: str, value: Any, type: str, computed_at: str) -> None:
        self.metric_id, self.type, self.computed_at = metric_id, type, computed_at
        self._value = value

    def get_value(self) -> Any:
        """The value: int, float, bool, list or text."""
        return self._value

    def __repr__(self) -> str:
        return f"{self.metric_id} = {self._value!r}"


class Subject:
    """The object that is measured or judged. A dataset has rows; a folder has files under `path`."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.project_key, self.type, self.name = told["project"], told["type"], told["name"]
        self.partition = told["partition"]
        self.columns = told["columns"]
        self.path = Path(told["path"]) if told["path"] else None
        self._rows = told["rows"]

    def arrow(self) -> Any:
        """All rows as a `pa.Table`."""
        import pyarrow.dataset as ds

        return ds.dataset(self._rows, format="parquet").to_table()

    def batches(self) -> Iterator[Any]:
        """The rows as `pa.RecordBatch`es; memory for one of them."""
        import pyarrow.dataset as ds

        yield from ds.dataset(self._rows, format="parquet").to_batches()

    def dataframe(self) -> Any:
        """All rows as a pandas DataFrame."""
        return self.arrow().to_pandas()

    def files(self) -> list[str]:
        """Paths of a folder's files, relative to it."""
        if self.path is None:
            return []
        return sorted(p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if p.is_file())


def main(folder: Path) -> None:
    """Read `task.json`, call `process`, write what it returned to `answer.json`."""
    task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
    sys.path.insert(0, task["library"])
    code = folder / "process.py"
    space: dict[str, Any] = {"__name__": "process", "__file__": str(code)}
    exec(compile(code.read_text(encoding="utf-8"), str(code), "exec"), space)
    if not callable(space.get("process")):
        raise NameError("the code has no function `process`")
    answer = _call(space["process"], _given(task))
    (folder / "answer.json").write_text(json.dumps(_written(answer), default=_plain), encoding="utf-8")


def _given(task: dict[str, Any]) -> list[Any]:
    subject = Subject(task["subject"])
    points = {i: Point(i, *told) for i, told in task["values"].items()}
    return ([points] if task["judges"] else []) + [subject, subject.partition]


def _call(function: Any, given: list[Any]) -> Any:
    """Call a function with as many of the arguments, in order, as it takes."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
        return function(*given)
    return function(*given[: sum(p.kind in positional for p in parameters)])


def _written(value: Any) -> Any:
    """Tuples marked as such, since JSON knows only lists."""
    if isinstance(value, tuple):
        return {"$tuple": [_written(v) for v in value]}
    if isinstance(value, list):
        return [_written(v) for v in value]
    return {str(k): _written(v) for k, v in value.items()} if isinstance(value, dict) else value


def _plain(value: Any) -> Any:
    """What JSON does not know: dates, numpy and Arrow scalars, decimals, sets."""
    if hasattr(value, "isoformat"):
        return {"$date": value.isoformat()}
    for method in ("item", "as_py", "tolist"):
        if hasattr(value, method):
            return getattr(value, method)()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "__float__"):
        return float(value)
    raise TypeError(f"process() returned a {type(value).__name__}, which cannot be kept as a value")


if __name__ == "__main__":
    main(Path(os.environ["PENSTOCK_PROCESS"]))
