"""Rehearsing recipes: the rows one would make of the first rows of its inputs. Nothing is saved, nobody is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast, runtime_checkable

from penstock.core import registry, variables
from penstock.core.errors import PenstockError, Refused
from penstock.core.placement import LOCAL, Place
from penstock.core.project import file_of
from penstock.core.recipe import Recipe
from penstock.core.schema import Schema, SchemaChange, described_like, differences
from penstock.runtime import audit, keeping, placing
from penstock.runtime.contexts import Reading, folder_root, reading
from penstock.runtime.grids import drawn
from penstock.runtime.variables import resolve

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.core.node import Node
    from penstock.core.ports import Clock, Models, Session
    from penstock.core.project import Project

TAKEN = 10_000
"""First rows of each input that a rehearsal reads."""
SHOWN = 100
"""Rows of each output that are shown."""
ELSEWHERE = "What {name} makes is known only when it runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What one output would look like."""

    output: str
    columns: Schema
    rows: tuple[Mapping[str, Any], ...]
    total: int
    """Rows that come of the sample, at most `TAKEN`."""
    fresh: frozenset[str] = frozenset()
    """Columns that no input has."""
    changes: Sequence[SchemaChange] = ()
    """What is different from the columns the output has now; none while it has none."""

    @property
    def grid(self) -> dict[str, Any]:
        """The rows as a grid takes them."""
        return drawn(self.columns, self.rows)


@runtime_checkable
class Query(Protocol):
    """A recipe that is a query, which an engine can check."""

    def validated(
        self, session: Session, inputs: Mapping[str, Schema], variables: Mapping[str, Any]
    ) -> Schema: ...  # fmt: skip


@dataclass(frozen=True, slots=True)
class SilentLog:
    """A log that nobody reads but for its warnings."""

    warnings: list[str] = field(default_factory=list)

    def info(self, message: str) -> None:
        """Nothing is kept."""

    def warning(self, message: str, *, type: str = "warning") -> None:
        self.warnings.append(message)


@dataclass(kw_only=True)
class RehearsalAccess:
    """The part of a RecipeContext that looks at samples; whatever would change something is refused."""

    node: Node
    project: Project
    recipe_name: str
    variables: Mapping[str, Any]
    opened: Reading
    taken: int = TAKEN
    job: str = ""
    log: SilentLog = field(default_factory=SilentLog)
    sampled: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Input → its columns."""
    written: dict[str, Any] = field(default_factory=dict)
    """Output → what would have been written to it."""

    @property
    def clock(self) -> Clock:
        return self.node.clock

    @cached_property
    def work(self) -> Path:
        return self.opened.scratch()

    @property
    def place(self) -> Place:
        """A rehearsal computes here, with rows it took aside; of a recipe inside a database, there."""
        return self.opened.session.place

    def expand(self, text: str) -> str:
        return variables.expand_text(text, self.variables, where=f"recipe {self.recipe_name}")

    def read(self, dataset: str) -> Any:
        """The first rows of a dataset; here they are kept aside, so that every look sees the same ones."""
        if self.place != LOCAL:
            table = self.opened.table(dataset)
            self._sampled(dataset, table.columns)
            return table.limit(self.taken)
        files = [str(file) for file in self.parquet(dataset)]
        parquet = cast("Any", registry.kind("formats", "parquet")())
        return parquet.scan(files, (), self.opened.access(dataset))

    def parquet(self, dataset: str) -> Sequence[Path]:
        folder = self.work / "sample" / dataset
        if not folder.exists():
            self._sampled(dataset, self.opened.first_rows(dataset, self.taken, folder))
        return sorted(folder.glob("*.parquet"))

    def _sampled(self, dataset: str, columns: Sequence[str]) -> None:
        audit.note_read(
            self.node, "dataset-read-data-sample", project=self.project.key, object=f"dataset:{dataset}",
            rows=self.taken,
        )  # fmt: skip
        self.sampled[dataset] = tuple(columns)

    def stream(
        self, dataset: str, *, sampling: Any = None, columns: Sequence[str] | None = None
    ) -> pa.RecordBatchReader:
        table = self.read(dataset)
        table = sampling.take(table) if sampling is not None else table
        table = table.select(*columns) if columns is not None else table
        return cast("pa.RecordBatchReader", self.opened.session.stream(table))

    def arrow(self, table: Any) -> pa.Table:
        return cast("pa.Table", self.opened.session.arrow(table))

    def select(self, sql: str, tables: Sequence[str]) -> Any:
        return self.opened.session.select(sql, {name: self.read(name) for name in tables})

    def query(self, sql: str, tables: Mapping[str, Sequence[Path]]) -> pa.RecordBatchReader:
        return cast("pa.RecordBatchReader", self.opened.session.query(sql, tables))

    def folder(self, name: str) -> Path:
        root = folder_root(self.node, self.project, name)
        return root.local(root.listed(), lambda: self.work)

    def models(self) -> Models:
        return self.node.models

    def write(self, dataset: str, data: Any) -> None:
        self.written[dataset] = self._first_rows(data)

    def progress(self, message: str, fraction: float | None = None) -> None:
        """Nobody waits for a rehearsal that long."""

    def should_stop(self) -> bool:
        return False

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        raise Refused(ELSEWHERE.format(name=self.recipe_name) + ".", hint="Run it.")

    def _first_rows(self, data: Any) -> pa.Table:
        """An Ibis table, a stream or an Arrow table as rows in memory."""
        import pyarrow as pa

        if isinstance(data, pa.Table):
            return data.slice(0, self.taken)
        if isinstance(data, pa.RecordBatchReader):
            return _read(data, self.taken)
        return self.arrow(data.limit(self.taken))


def columns_of_inputs(node: Node, project: str, recipe: Recipe) -> list[str]:
    """The columns that a recipe's inputs have now, each once; those of an input that cannot be read are left out."""
    loaded = node.projects.load(project)
    datasets = [name for name in recipe.reads if name in loaded.datasets]
    return list(dict.fromkeys(c.name for name in datasets for c in loaded.datasets[name].columns))


def why_not(project: Project, recipe: Recipe) -> str:
    """Why a recipe cannot be rehearsed; empty when it can."""
    made = {project.item_type(o) for o in recipe.writes if o in project.items}
    if made - {"dataset"}:
        return "It makes more than rows, which are known only when it runs."
    if recipe.CATEGORY == "code" and recipe.BODY == ".py":
        return "It is a program: what it makes is known only when it runs."
    return ""


def rehearse(node: Node, project: str, name: str, values: Mapping[str, Any] | None = None) -> list[Rehearsal]:
    """The first rows of each output of a recipe, of the first rows of its inputs. `values` are settings that are
    not saved yet. Raises Refused for a recipe that must run for it, and whatever its run would raise."""
    loaded = node.projects.load(project)
    recipe = _recipe(loaded, name, values)
    if refusal := why_not(loaded, recipe):
        raise Refused(refusal, hint="Run it.")
    with opened(node, loaded, name) as ctx:
        recipe.run(cast("RecipeContext", ctx))
        return [_rehearsal(loaded, ctx, output) for output in recipe.writes if output in ctx.written]


def accept(node: Node, project: str, name: str, *, author: str) -> list[str]:
    """Write the columns a run would make to the definitions of its outputs, as one commit; the names of those that
    changed. A run of a `strict` output needs it, others take new columns with a warning."""
    seen = [one for one in rehearse(node, project, name) if one.changes]
    datasets = node.projects.load(project).datasets
    files = {file_of("dataset", s.output): datasets[s.output].changed(columns=s.columns) for s in seen}
    if files:
        message = f"Accept the columns recipe {name} makes"
        node.projects.save(project, dict(files), author=author, message=message)
    return [one.output for one in seen]


def doubt(node: Node, project: str, name: str) -> str:
    """What is wrong with a query, told without running it; empty when nothing is, or for other recipes."""
    loaded = node.projects.load(project)
    recipe = loaded.recipe(name)
    if not isinstance(recipe, Query):
        return ""
    try:
        if _place(node, loaded, name) != LOCAL:
            with opened(node, loaded, name) as ctx:
                ctx.select(ctx.expand(getattr(recipe, "body", "")), recipe.reads)
            return ""
        inputs = {n: _known(node, loaded, n) for n in recipe.reads}
        with node.engines.session() as session:
            recipe.validated(session, inputs, resolve(node, loaded))
    except PenstockError as error:
        return str(error)
    return ""


def _known(node: Node, project: Project, dataset: str) -> Schema:
    """The columns of a dataset as far as they are known without reading it."""
    snapshot = keeping.snapshot(node, project, dataset)
    return snapshot.columns if snapshot is not None else project.datasets[dataset].columns


@contextmanager
def opened(node: Node, project: Project, name: str) -> Iterator[RehearsalAccess]:
    """A place to rehearse one recipe in; its samples vanish with it."""
    values = resolve(node, project)
    with reading(node, project, values, place=_place(node, project, name)) as read:
        yield RehearsalAccess(node=node, project=project, recipe_name=name, variables=values, opened=read)


def _place(node: Node, project: Project, name: str) -> Place:
    """Where a recipe is rehearsed: in the database it runs in, else here."""
    chosen = placing.of(node, project, name).chosen if name in project.recipes else None
    return chosen.place if chosen and chosen.available and chosen.place.engine == "database" else LOCAL


def _recipe(project: Project, name: str, values: Mapping[str, Any] | None) -> Recipe:
    if values is None:
        return project.recipe(name)
    found = registry.parse("recipes", values)
    assert isinstance(found, Recipe)
    return found


def _rehearsal(project: Project, ctx: RehearsalAccess, output: str) -> Rehearsal:
    from penstock.core.native import columns_of

    table = ctx.written[output]
    declared = project.datasets[output].columns if output in project.datasets else ()
    snapshot = keeping.snapshot(ctx.node, project, output)
    known = snapshot.columns if snapshot is not None else declared
    columns = described_like(columns_of(table.schema), declared)
    had = {name for table in ctx.sampled.values() for name in table}
    return Rehearsal(
        output=output, fresh=frozenset(c.name for c in columns if c.name not in had) if had else frozenset(),
        columns=columns, rows=tuple(table.slice(0, SHOWN).to_pylist()), total=table.num_rows,
        changes=differences(known, columns) if known else (),
    )  # fmt: skip


def _read(reader: pa.RecordBatchReader, most: int) -> pa.Table:
    import pyarrow as pa

    found, rows = [], 0
    with reader:
        for batch in reader:
            found.append(batch)
            rows += batch.num_rows
            if rows >= most:
                break
        return pa.Table.from_batches(found, reader.schema).slice(0, most)
