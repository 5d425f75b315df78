"""For tests of Penstock, of plugins and of projects: a node on a throw-away folder, projects and rows in one line.

node = a_node(tmp_path)
a_project(node, {"datasets/raw": {"type": "managed"}, "recipes/copy": {"type": "sync", "input": "raw", …}})
fill(node, "raw", n=[1, 2, 3])
build(node, "copied")
assert rows(node, "copied") == [{"n": 1}, {"n": 2}, {"n": 3}]
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.app import open_node
from penstock.core import registry
from penstock.core.job import Job
from penstock.core.kind import Kind
from penstock.core.node import Node
from penstock.core.project import Project
from penstock.runtime import datasets, jobs, keeping

if TYPE_CHECKING:
    import pyarrow as pa

KEY = "DEMO"
"""The project the builders make and use unless told otherwise."""


def a_node(folder: Path, **settings: Any) -> Node:
    """A whole node in a folder: SQLite, Parquet, DuckDB, two threads. Settings are those of `config.yaml`."""
    return open_node(folder / "home", **{"user": "ann", "threads": 2, **settings})


def a_project(
    node: Node, objects: Mapping[str, Mapping[str, Any] | str] | None = None, *, key: str = KEY
) -> Project:
    """A project with these objects: `datasets/raw` (as in `flow/`) → its definition, as values or as YAML."""
    if key not in set(node.projects.keys()):
        node.projects.create(key, title="", author="ann")
    files = {f"flow/{name}.yaml": _definition(name, value) for name, value in (objects or {}).items()}
    if files:
        node.projects.save(key, files, author="ann", message=f"Define {', '.join(files)}")
    return node.projects.load(key)


def fill(
    node: Node, dataset: str, table: pa.Table | None = None, *, key: str = KEY, **columns: Sequence[Any]
) -> None:
    """Put rows into a managed dataset without a job: a `pa.Table`, or column=values."""
    import pyarrow as pa

    draft = keeping.of(node, node.projects.load(key), dataset).begin()
    with keeping.discarded(draft), node.engines.session() as session:
        draft.write(session, pa.table(columns) if table is None else table)
        draft.finish(job="", keep=3)


def rows(node: Node, dataset: str, *, key: str = KEY) -> list[dict[str, Any]]:
    """All rows of any dataset as plain values."""
    found: list[dict[str, Any]] = datasets.arrow(node, key, dataset).to_pylist()
    return found


def build(node: Node, *targets: str, mode: str = "required", key: str = KEY, **words: Any) -> Job:
    """Build and wait. Raises JobFailed unless the job is DONE, or `no_fail=True`."""
    return jobs.build(node, key, targets, mode, **words)


def _definition(name: str, value: Mapping[str, Any] | str) -> Kind | str:
    """What `save` takes: a recipe or dataset parsed (a body goes to its own file), other objects as text."""
    family = name.partition("/")[0]
    if isinstance(value, str):
        return value
    return registry.parse(family, value) if family in ("datasets", "recipes") else json.dumps(value)
