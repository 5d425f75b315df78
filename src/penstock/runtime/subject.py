"""One object while it is measured or judged: what probes, checks and rules are given. Opened only as far as asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import metric, variables
from penstock.core.dataset import SourceFile
from penstock.core.metric import MetricValue, ObjectKey
from penstock.core.placement import LOCAL
from penstock.core.schema import Schema, described_like
from penstock.runtime import contexts, environments, keepers, keeping, process
from penstock.runtime.variables import resolve

if TYPE_CHECKING:
    from penstock.core.evaluation import Evaluation
    from penstock.core.node import Node
    from penstock.core.project import Project


def key_of(project: Project, item: str) -> ObjectKey:
    """The key metrics of an object of a project are kept under. Raises NotFound."""
    return ObjectKey(project=project.key, type=project.item_type(item), name=item)


@contextmanager
def opened(
    node: Node, project: Project, item: str, *, evaluation_id: str = "", variables: Mapping[str, Any] | None = None,
    log: Callable[[str], None] | None = None, should_stop: Callable[[], bool] | None = None,
) -> Iterator[Subject]:  # fmt: skip
    """An object of a project, to be measured or judged; what it opened is closed at the end. `variables` are those of
    a run, over the project's."""
    with ExitStack() as stack:
        yield Subject(
            node=node, project=project, key=key_of(project, item), stack=stack, evaluation_id=evaluation_id,
            of_run=variables or {},
            log=log or (lambda line: None), should_stop=should_stop or (lambda: False),
        )  # fmt: skip


@dataclass(kw_only=True)
class Subject:
    """The MeasureContext and the CheckContext of one object."""

    node: Node
    project: Project
    key: ObjectKey
    stack: ExitStack
    log: Callable[[str], None]
    should_stop: Callable[[], bool]
    evaluation_id: str = ""
    of_run: Mapping[str, Any] = field(default_factory=dict)
    """Variables of the run of a scenario, if one asks."""
    queries: int = field(default=0)
    """How many queries have been run for expressions: one for all of them."""

    @cached_property
    def values(self) -> Mapping[str, Any]:
        return resolve(self.node, self.project, self.of_run)

    @cached_property
    def reading(self) -> contexts.Reading:
        is_dataset = self.key.type == "dataset"
        place = contexts.place_of(self.node, self.project, self.key.name) if is_dataset else LOCAL
        return self.stack.enter_context(contexts.reading(self.node, self.project, self.values, place=place))

    @cached_property
    def _kept(self) -> keeping.Keeper:
        """Where its rows are, if they are ours."""
        return keeping.of(self.node, self.project, self.key.name)

    @cached_property
    def table(self) -> Any:
        """The rows of a dataset as an `ibis.Table`."""
        return self.reading.table(self.key.name)

    @cached_property
    def columns(self) -> Schema:
        if self.key.type != "dataset":
            return ()
        snapshot = self._kept.snapshot()
        found = snapshot.columns if snapshot else self.reading.session.columns(self.table)
        return described_like(found, self.expected)

    @property
    def expected(self) -> Schema:
        return self.project.dataset(self.key.name).columns if self.key.type == "dataset" else ()

    def expand(self, text: str) -> str:
        return variables.expand_text(text, self.values, where=f"a probe of {self.key.name}")

    def files(self) -> Sequence[SourceFile]:
        if self.key.type == "folder":
            return contexts.folder_root(self.node, self.project, self.key.name).listed()
        if self.key.type != "dataset":
            return ()
        if isinstance(self._kept, keepers.InLake):
            return self._kept.listed()
        if files := self._kept.files():
            return [_listed(p) for p in files]
        return self.project.dataset(self.key.name).files(self.reading.access(self.key.name))

    def aggregate(self, expressions: Mapping[str, Any]) -> dict[str, Any]:
        """Ibis scalars over the rows, all in one query: key → plain value."""
        if not expressions:
            return {}
        self.queries += 1
        return self.reading.session.aggregate(self.table, expressions)

    def sql(self, query: str) -> Mapping[str, Any]:
        rows = self.rows if self.reading.session.place == LOCAL else self.table
        reader = self.reading.session.query(query, {"dataset": rows, self.key.name: rows})
        try:
            first = next((batch for batch in reader if batch.num_rows), None)
        finally:
            reader.close()
        return {} if first is None else dict(first.slice(0, 1).to_pylist()[0])

    def process(self, code: str, code_environment: str = "") -> Any:
        return self._call(code, None, asks_object=True, code_environment=code_environment)

    def opinion(self, code: str) -> Any:
        return self._call(code, self.last_values(), asks_object=process.parameters(code) > 1)

    def history(self, metric_id: str) -> Sequence[MetricValue]:
        return self.node.metrics.history(self.key, metric.id_of(metric_id))

    def metric(self, metric_id: str, item: str = "") -> MetricValue | None:
        if not item:
            return self.value(metric_id)
        key, name = item.split(".", 1) if "." in item else (self.project.key, item)
        other = self.project if key == self.project.key else self.node.projects.load(key)
        return self.node.metrics.last(key_of(other, name)).get(metric.id_of(metric_id))

    def value(self, metric_id: str) -> MetricValue | None:
        return self.last_values().get(metric.id_of(metric_id))

    def last_values(self) -> Mapping[str, MetricValue]:
        return self._last_values

    @cached_property
    def evaluation(self) -> Evaluation | None:
        """The evaluation a store is judged by: the one asked for, else the latest."""
        if self.key.type != "evaluation_store":
            return None
        if self.evaluation_id:
            return self.node.evaluations.get(self.project.key, self.key.name, self.evaluation_id)
        return self.node.evaluations.latest(self.project.key, self.key.name)

    @cached_property
    def rows(self) -> Sequence[Path]:
        """The rows of a dataset as Parquet files: those of the snapshot, or an export that lives as long as this."""
        if files := self._kept.files():
            return files
        folder = self.reading.scratch() / "rows"
        self.reading.session.write_parquet(self.table, folder)
        return sorted(folder.glob("*.parquet"))

    @cached_property
    def _last_values(self) -> Mapping[str, MetricValue]:
        """Of a store: what belongs to its evaluation; a metric of an older one is not a value of this one."""
        last = self.node.metrics.last(self.key)
        if self.key.type != "evaluation_store":
            return last
        lasting = {i: v for i, v in last.items() if not v.evaluation_id}
        return lasting | (values_of(self.evaluation, self.key) if self.evaluation else {})

    def _call(
        self,
        code: str,
        values: Mapping[str, MetricValue] | None,
        *,
        asks_object: bool,
        code_environment: str = "",
    ) -> Any:
        is_dataset = self.key.type == "dataset" and asks_object
        task = process.Task(
            code=code, key=self.key, values=values, library=self.project.path / "lib",
            columns=[c.name for c in self.columns] if is_dataset else (), rows=self.rows if is_dataset else (),
            path=self._root(), python=environments.interpreter(self.node, self.project, code_environment),
        )  # fmt: skip
        scratch = contexts.Scratch(self.node, f"process-{self.node.clock.new_id()}")
        try:
            return process.call(self.node, task, work=scratch(), log=self.log, should_stop=self.should_stop)
        finally:
            scratch.remove()

    def _root(self) -> str:
        if self.key.type != "folder":
            return ""
        root = contexts.folder_root(self.node, self.project, self.key.name)
        return str(root.local(root.listed(), self.reading.scratch))


def values_of(evaluation: Evaluation, key: ObjectKey) -> dict[str, MetricValue]:
    """The metrics of one evaluation as metric values."""
    found = {}
    for metric_id, value in evaluation.metrics.items():
        data_type, text = metric.encode(value)
        found[metric_id] = MetricValue(
            key=key, metric_id=metric_id, data_type=data_type, value=text, computed_at=evaluation.created_at,
            origin="build", run_id=evaluation.job, evaluation_id=evaluation.id,
        )  # fmt: skip
    return found


def _listed(file: Path) -> SourceFile:
    status = file.stat()
    return SourceFile(file.name, status.st_size, int(status.st_mtime * 1000))
