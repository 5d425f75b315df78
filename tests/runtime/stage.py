"""A stage for tests of jobs: a real node on a temporary folder, with projects held in memory and recipes that do
whatever a test says. Everything else (data, database, engine) is the real thing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from penstock.app import open_node
from penstock.core.dataset import Dataset, SourceFile
from penstock.core.errors import NotFound, SourceNotReady
from penstock.core.evaluation import EvaluationStore
from penstock.core.folder import Folder
from penstock.core.model import SavedModel
from penstock.core.names import InputItem, OutputItem
from penstock.core.node import Node
from penstock.core.project import Project, ProjectSettings, Zone, Zones
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext, RecipeContext

Act = Callable[["RecipeContext"], None]

_numbers = itertools.count(1)
ONE_ROW = pa.table({"n": pa.array([1], pa.int64())})


class Rows(Dataset):
    MANAGED: ClassVar[bool] = True

    @classmethod
    def kind_name(cls) -> str:
        return "rows"

    def read(self, ctx: DatasetContext) -> Any:
        self.check_ready(ctx)
        files = ", ".join(f"'{p}'" for p in ctx.snapshot_files())
        view = f"rows_{next(_numbers)}"  # not a temporary view: streams run on connections of their own
        ctx.backend.raw_sql(f"CREATE VIEW {view} AS SELECT * FROM read_parquet([{files}])")
        return ctx.backend.table(view)

    def state(self, ctx: DatasetContext) -> str:
        found = ctx.snapshot()
        return found.id if found else ""

    def check_ready(self, ctx: DatasetContext) -> None:
        if ctx.snapshot() is None:
            raise SourceNotReady(f"Dataset {ctx.name} was never built.")


class Files(Dataset):
    """CSV files in a managed folder."""

    inbox: str
    selection: tuple[str, ...] = ()

    @classmethod
    def kind_name(cls) -> str:
        return "files"

    def files(self, ctx: DatasetContext) -> list[SourceFile]:
        root = ctx.folder(self.inbox).root
        paths = [root / n for n in self.selection] or sorted(root.glob("*.csv"))
        missing = [p.name for p in paths if not p.exists()]
        if missing:
            raise SourceNotReady(f"Dataset {ctx.name}: file {missing[0]} does not exist.")
        return [SourceFile(p.name, p.stat().st_size, p.stat().st_mtime_ns // 1_000_000) for p in paths]

    def read(self, ctx: DatasetContext) -> Any:
        root = ctx.folder(self.inbox).root
        return ctx.backend.read_csv([str(root / f.path) for f in self.files(ctx)])

    def state(self, ctx: DatasetContext) -> str:
        if self.marker_file:
            marker = ctx.folder(self.inbox).root / self.marker_file
            return str(marker.stat().st_mtime_ns) if marker.exists() else ""
        return repr(self.files(ctx))

    def check_ready(self, ctx: DatasetContext) -> None:
        if not self.files(ctx):
            raise SourceNotReady(f"Dataset {ctx.name} has no file.")

    def depends_on(self) -> tuple[str, ...]:
        return (self.inbox,)


class Do(Recipe):
    """Does what the test put into `ACTS` under its `act`; without one it copies its first input to its outputs."""

    ACTS: ClassVar[dict[str, Act]] = {}

    inputs: tuple[InputItem, ...] = ()
    outputs: tuple[OutputItem, ...] = ()
    act: str = ""
    condition: str = ""

    @classmethod
    def kind_name(cls) -> str:
        return "do"

    def run(self, ctx: RecipeContext) -> None:
        if self.act:
            self.ACTS[self.act](ctx)
        else:
            for output in self.outputs:
                ctx.write(output, ctx.read(self.inputs[0]) if self.inputs else ONE_ROW)


class MemoryProjects:
    """The Projects port as far as jobs use it, over projects in memory."""

    def __init__(self, *projects: Project) -> None:
        self.held = {p.key: p for p in projects}
        self.commits: list[str] = []

    def load(self, key: str) -> Project:
        if key not in self.held:
            raise NotFound("project", key, among=self.held)
        return self.held[key]

    def keys(self) -> list[str]:
        return list(self.held)

    def instance_variables(self) -> Mapping[str, Any]:
        return {}

    def settle(self, key: str, *, author: str) -> str:
        return ""

    def save(self, key: str, definitions: Mapping[str, Any], *, author: str, message: str) -> str:
        self.commits.append(message)
        for file, definition in definitions.items():
            self.held[key] = _changed(self.held[key], file, definition)
        return "1"


def _changed(project: Project, file: str, definition: Any) -> Project:
    if file == "flow/zones.yaml":
        return replace(project, zones=definition)
    assert file.startswith("flow/datasets/")
    return replace(project, datasets={**project.datasets, Path(file).stem: definition})


def a_node(tmp_path: Path, *projects: Project, **settings: Any) -> Node:
    held: Any = MemoryProjects(*projects)
    opened = open_node(tmp_path / "home", **{"user": "ann", "threads": 2, **settings})
    return replace(opened, projects=held)


def do(inputs: str = "", outputs: str = "", act: str = "", **settings: Any) -> Do:
    """do("a b", "c")"""
    return Do(inputs=tuple(inputs.split()), outputs=tuple(outputs.split()), act=act, **settings)


def a_project(recipes: Mapping[str, Recipe], **parts: Any) -> Project:
    """A project whose datasets appear by being used; given ones win."""
    given = {n for kind in ("models", "evaluation_stores", "folders") for n in parts.get(kind, {})}
    datasets = dict(parts.get("datasets", {}))
    for recipe in recipes.values():
        for name in (*recipe.reads, *recipe.writes):
            if name not in given:
                datasets.setdefault(name, Rows())
    models: dict[str, SavedModel] = parts.get("models", {})
    stores: dict[str, EvaluationStore] = parts.get("evaluation_stores", {})
    folders: dict[str, Folder] = parts.get("folders", {})
    return Project(
        key="P", path=Path("nowhere"), settings=parts.get("settings", ProjectSettings()),
        local_variables=parts.get("variables", {}), datasets=datasets, folders=folders, models=models,
        evaluation_stores=stores, recipes=dict(recipes),
        zones=Zones(zones={z: Zone(items=tuple(i)) for z, i in parts.get("zones", {}).items()}),
    )  # fmt: skip


def change(node: Node, **parts: Any) -> None:
    """Edit the project: change(node, recipes={…}). New names that recipes use become datasets."""
    held = node.projects.held  # type: ignore[attr-defined]
    project = replace(held["P"], **parts)
    used = {n for r in project.recipes.values() for n in (*r.reads, *r.writes)} - set(project.items)
    held["P"] = replace(project, datasets={**project.datasets, **{n: Rows() for n in sorted(used)}})


def fill(node: Node, dataset: str, table: pa.Table = ONE_ROW) -> None:
    """Put rows into a managed dataset without a job."""
    with node.engines.session() as session:
        folder = node.data.begin("P", dataset)
        session.write_parquet(table, folder)
    node.data.finish("P", dataset, folder, job="", keep=3)


def rows(node: Node, dataset: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    return [row for p in node.data.files("P", dataset) for row in pq.read_table(p).to_pylist()]
