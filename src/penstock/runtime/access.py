"""Access: everything a recipe may touch while it runs. What it writes lies aside until the activity ends well."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import variables
from penstock.core.dataset import Snapshot
from penstock.core.errors import Aborted, ActivityFailed, Refused
from penstock.core.schema import Column, Schema, column_type, differences
from penstock.runtime import evaluations, training
from penstock.runtime.contexts import Reading, Scratch, folder_root
from penstock.runtime.events import Event

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.evaluation import Evaluation
    from penstock.core.model import ModelVersion
    from penstock.core.node import Node
    from penstock.core.ports import Clock, Evaluations, Models
    from penstock.core.project import Project
    from penstock.runtime.events import Watch
    from penstock.runtime.logs import ActivityLog


@dataclass(kw_only=True)
class RecipeAccess:
    """The RecipeContext: one recipe, once. Outputs are written aside; `runtime.activities` swaps them in."""

    node: Node
    project: Project
    recipe_name: str
    job: str
    variables: Mapping[str, Any]
    log: ActivityLog
    tell: Watch
    stop: Callable[[], bool]
    scratch: Scratch
    stack: ExitStack
    aside: dict[str, Path] = field(default_factory=dict)
    """Output dataset → the folder its new rows lie in, not visible yet."""
    folders_aside: dict[str, Path] = field(default_factory=dict)
    """Output folder → its files as this run leaves them, not visible yet."""
    actions: list[Callable[[], None]] = field(default_factory=list)
    """What happens once the outputs are swapped in."""

    @property
    def clock(self) -> Clock:
        return self.node.clock

    @property
    def work(self) -> Path:
        return self.scratch()

    @cached_property
    def opened(self) -> Reading:
        """The engine of this activity, opened when the recipe first needs it."""
        self.check_stop()
        session = self.stack.enter_context(self.node.engines.session())
        return Reading(
            node=self.node,
            project=self.project,
            values=self.variables,
            scratch=self._dataset_work,
            session=session,
        )

    def interrupt(self) -> None:
        """Stop the engine, from another thread."""
        opened = self.__dict__.get("opened")
        if opened is not None:
            opened.interrupt()

    def check_stop(self) -> None:
        """Raise Aborted once somebody aborted the job."""
        if self.stop():
            raise Aborted("The job was aborted.")

    def expand(self, text: str) -> str:
        return variables.expand_text(text, self.variables, where=f"recipe {self.recipe_name}")

    def read(self, dataset: str) -> Any:
        self.check_stop()
        return self.opened.table(dataset)

    def stream(
        self, dataset: str, *, sampling: Any = None, columns: Sequence[str] | None = None
    ) -> pa.RecordBatchReader:
        table = self.read(dataset)
        table = sampling.take(table) if sampling is not None else table
        table = table.select(*columns) if columns is not None else table
        return self.opened.session.stream(table)

    def arrow(self, table: Any) -> pa.Table:
        return self.opened.session.arrow(table)

    def parquet(self, dataset: str) -> Sequence[Path]:
        if self.project.dataset(dataset).MANAGED:
            self.project.dataset(dataset).check_ready(self.opened.access(dataset))
            return self.opened.access(dataset).snapshot_files()
        folder = self.work / "parquet" / dataset
        if not folder.exists():
            self.opened.session.write_parquet(self.read(dataset), folder)
        return sorted(folder.glob("*.parquet"))

    def query(self, sql: str, tables: Mapping[str, Sequence[Path]]) -> pa.RecordBatchReader:
        return self.opened.session.query(sql, tables)

    def run_python(self, code: Path, environment: Mapping[str, str]) -> None:
        try:
            self.node.engines.run_python(
                code=code, environment=environment, log=self.log.info, should_stop=self.stop, work=self.work
            )
        except ActivityFailed as error:
            hint = f"See its log: `penstock job log {self.job} {self.recipe_name}`."
            raise ActivityFailed(error.message, hint=hint) from error

    def previous(self, dataset: str) -> Snapshot | None:
        return self.node.data.snapshot(self.project.key, dataset)

    def write(self, dataset: str, data: Any) -> Snapshot:
        self._check_output(dataset)
        self.check_stop()
        fresh = self._begin(dataset)
        self.opened.session.write_parquet(data, fresh)
        self._replace(dataset, fresh)
        return written(fresh, self.clock, self.job)

    def append(self, dataset: str, data: pa.Table) -> Snapshot:
        self._check_output(dataset)
        fresh = self._begin(dataset)
        added = self.work / "append" / dataset
        shutil.rmtree(added, ignore_errors=True)
        old = self._rows_so_far(dataset)
        self.opened.session.write_parquet(self._like(old, dataset, data), added)
        for number, file in enumerate([*old, *sorted(added.glob("*.parquet"))]):
            _link_or_copy(file, fresh / f"part-{number:05}.parquet")
        self._replace(dataset, fresh)
        return written(fresh, self.clock, self.job)

    def folder(self, name: str) -> Path:
        return self.folders_aside.get(name) or folder_root(self.node, self.project, name)

    def change_folder(self, name: str) -> Path:
        self._check_output(name)
        if name not in self.folders_aside:
            root = folder_root(self.node, self.project, name)
            self.folders_aside[name] = staged = self.node.data.stage(self.project.key, root)
            self.stack.callback(self.node.data.discard, staged)
        return self.folders_aside[name]

    def models(self) -> Models:
        return self.node.models

    def evaluations(self) -> Evaluations:
        return self.node.evaluations

    def keep_version(self, version: ModelVersion, files: Path, *, activate: bool) -> None:
        by = version.created_by or self.node.runs.job(self.job).initiator
        fresh = replace(version, created_by=by)
        self.after_success(lambda: training.keep(self.node, fresh, files, activate=activate))

    def keep_evaluation(
        self, evaluation: Evaluation, *, detail: Mapping[str, Any], sample: Path | None
    ) -> None:
        def keep() -> None:
            evaluations.keep(self.node, evaluation, detail=detail, sample=sample)

        self.after_success(keep)

    def progress(self, message: str, fraction: float | None = None) -> None:
        self.tell(
            Event(what="progress", job=self.job, recipe=self.recipe_name, message=message, fraction=fraction)
        )

    def should_stop(self) -> bool:
        return self.stop()

    def after_success(self, action: Callable[[], None]) -> None:
        self.actions.append(action)

    def discard(self) -> None:
        """Forget what was written aside."""
        while self.aside:
            self.node.data.discard(self.aside.popitem()[1])
        while self.folders_aside:
            self.node.data.discard(self.folders_aside.popitem()[1])

    def _check_output(self, name: str) -> None:
        written = {**self.project.datasets, **self.project.folders}
        outputs = [n for n in self.project.recipe(self.recipe_name).writes if n in written]
        if name not in outputs:
            raise Refused(
                f"Recipe {self.recipe_name} may not write '{name}': its outputs are {', '.join(outputs) or 'none'}.",
                hint="Add it to the outputs of the recipe first.",
            )

    def _begin(self, dataset: str) -> Path:
        fresh = self.node.data.begin(self.project.key, dataset)
        self.stack.callback(self.node.data.discard, fresh)
        return fresh

    def _replace(self, dataset: str, fresh: Path) -> None:
        earlier = self.aside.pop(dataset, None)
        if earlier is not None:
            self.node.data.discard(earlier)
        self.aside[dataset] = fresh

    def _rows_so_far(self, dataset: str) -> list[Path]:
        if dataset in self.aside:
            return sorted(self.aside[dataset].glob("*.parquet"))
        return self.node.data.files(self.project.key, dataset)

    def _like(self, old: list[Path], dataset: str, data: pa.Table) -> pa.Table:
        """The new rows with the columns in the order of the old ones. Raises ActivityFailed when they differ."""
        if not old:
            return data
        names = [c.name for c in columns_of(old[0])]
        if set(names) == set(data.column_names):
            return data.select(names)
        changes = differences(
            tuple(Column(name=n) for n in names), tuple(Column(name=n) for n in data.column_names)
        )
        raise ActivityFailed(
            f"The rows to append to {dataset} have other columns: {'; '.join(str(c) for c in changes)}.",
            hint="Write the dataset anew, or give the rows the columns it has.",
        )

    def _dataset_work(self) -> Path:
        folder = self.work / "datasets"
        folder.mkdir(exist_ok=True)
        return folder


def written(folder: Path, clock: Clock, job: str) -> Snapshot:
    """What lies in a folder of Parquet files that is not swapped in yet: it has no id and no fingerprint."""
    import pyarrow.parquet as pq

    parts = sorted(folder.glob("*.parquet"))
    rows = sum(pq.read_metadata(p).num_rows for p in parts)
    return Snapshot(
        id="", rows=rows, bytes=sum(p.stat().st_size for p in parts), files=len(parts),
        columns=columns_of(parts[0]) if parts else (), fingerprint="", written_at=clock.now(), job=job,
    )  # fmt: skip


def columns_of(parquet: Path) -> Schema:
    """The columns of a Parquet file."""
    import pyarrow.parquet as pq

    return tuple(Column(name=f.name, type=column_type(str(f.type))) for f in pq.read_schema(parquet))


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
