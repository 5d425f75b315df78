"""Access: everything a recipe may touch while it runs. What it writes lies aside until the activity ends well."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import placement, variables
from penstock.core.dataset import Snapshot
from penstock.core.errors import Aborted, ActivityFailed, Refused
from penstock.runtime import environments, evaluations, keeping, placing, training
from penstock.runtime.contexts import Reading, Scratch, folder_root
from penstock.runtime.events import Event

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.evaluation import Evaluation
    from penstock.core.files import FileRoot
    from penstock.core.model import ModelVersion
    from penstock.core.node import Node
    from penstock.core.placement import Place
    from penstock.core.ports import Clock, Evaluations, Models
    from penstock.core.project import Project
    from penstock.runtime.events import Watch
    from penstock.runtime.keeping import Draft
    from penstock.runtime.logs import ActivityLog


@dataclass(frozen=True, slots=True)
class Staged:
    """A folder's files as a run leaves them, not visible yet."""

    root: FileRoot
    files: Path

    def finish(self) -> tuple[int, int]:
        """Make them visible; files written, files removed."""
        return self.root.finish(self.files)

    def discard(self) -> None:
        self.root.discard(self.files)


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
    aside: dict[str, Draft] = field(default_factory=dict)
    """Output dataset → its new rows, not visible yet."""
    folders_aside: dict[str, Staged] = field(default_factory=dict)
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
    def place(self) -> Place:
        """Where this activity computes."""
        found = placing.of(self.node, self.project, self.recipe_name)
        return placement.check(found, self.recipe_name)

    @cached_property
    def opened(self) -> Reading:
        """The engine of this activity, opened when the recipe first needs it."""
        self.check_stop()
        if self.place.engine == "spark":
            self.log.info(
                f"Computed on Spark ({self.place.connection}), whose first start takes some seconds."
            )
        session = self.stack.enter_context(self.node.engines.session(self.place))
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

    def mapped(
        self,
        dataset: str,
        function: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
        schema: pa.Schema,
        *,
        sampling: Any = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        table = self.read(dataset)
        table = sampling.take(table) if sampling is not None else table
        table = table.select(*columns) if columns is not None else table
        return self.opened.session.mapped(table, function, schema)

    def batches(self, data: Any) -> pa.RecordBatchReader:
        return data if hasattr(data, "read_next_batch") else self.opened.session.stream(data)

    def spooled(self, data: Any, name: str) -> Sequence[Path]:
        folder = self.work / "spooled" / name
        shutil.rmtree(folder, ignore_errors=True)
        self.opened.session.write_parquet(data, folder)
        return sorted(folder.glob("*.parquet"))

    def arrow(self, table: Any) -> pa.Table:
        return self.opened.session.arrow(table)

    def parquet(self, dataset: str) -> Sequence[Path]:
        definition, access = self.project.dataset(dataset), self.opened.access(dataset)
        if definition.MANAGED:
            definition.check_ready(access)
            return access.fetched() if definition.database() else access.snapshot_files()
        folder = self.work / "parquet" / dataset
        if not folder.exists():
            self.opened.session.write_parquet(self.read(dataset), folder)
        return sorted(folder.glob("*.parquet"))

    def query(self, sql: str, tables: Mapping[str, Sequence[Path]]) -> pa.RecordBatchReader:
        return self.opened.session.query(sql, tables)

    def select(self, sql: str, tables: Sequence[str]) -> Any:
        return self.opened.session.select(sql, {name: self.read(name) for name in tables})

    def run_python(self, code: Path, environment: Mapping[str, str], code_environment: str = "") -> None:
        python = environments.interpreter(self.node, self.project, code_environment)
        try:
            self.node.engines.run_python(
                code=code, environment=environment, log=self.log.info, should_stop=self.stop, work=self.work,
                python=python,
            )  # fmt: skip
        except ActivityFailed as error:
            hint = f"See its log: `penstock job log {self.job} {self.recipe_name}`."
            raise ActivityFailed(error.message, hint=hint) from error

    def previous(self, dataset: str) -> Snapshot | None:
        return keeping.snapshot(self.node, self.project, dataset)

    def write(self, dataset: str, data: Any) -> Snapshot:
        self.check_stop()
        return self._draft(dataset).write(self.opened.session, data)

    def append(self, dataset: str, data: pa.Table) -> Snapshot:
        return self._draft(dataset).append(self.opened.session, data)

    def folder(self, name: str) -> Path:
        if name in self.folders_aside:
            return self.folders_aside[name].files
        root = folder_root(self.node, self.project, name)
        return root.local(root.listed(), self._folder_work)

    def change_folder(self, name: str) -> Path:
        self._check_output(name)
        if name not in self.folders_aside:
            root = folder_root(self.node, self.project, name)
            self.folders_aside[name] = staged = Staged(root, root.stage(self._folder_work))
            self.stack.callback(staged.discard)
        return self.folders_aside[name].files

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
            self.aside.popitem()[1].discard()
        while self.folders_aside:
            self.folders_aside.popitem()[1].discard()

    def _check_output(self, name: str) -> None:
        written = {**self.project.datasets, **self.project.folders}
        outputs = [n for n in self.project.recipe(self.recipe_name).writes if n in written]
        if name not in outputs:
            raise Refused(
                f"Recipe {self.recipe_name} may not write '{name}': its outputs are {', '.join(outputs) or 'none'}.",
                hint="Add it to the outputs of the recipe first.",
            )

    def _draft(self, dataset: str) -> Draft:
        """Where the new rows of an output lie; the same one each time."""
        self._check_output(dataset)
        if dataset not in self.aside:
            self.aside[dataset] = draft = keeping.of(self.node, self.project, dataset).begin()
            self.stack.callback(draft.discard)
        return self.aside[dataset]

    def _folder_work(self) -> Path:
        folder = self.work / "folders"
        folder.mkdir(exist_ok=True)
        return folder

    def _dataset_work(self) -> Path:
        folder = self.work / "datasets"
        folder.mkdir(exist_ok=True)
        return folder
