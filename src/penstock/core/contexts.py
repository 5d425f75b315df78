"""What each verb is given: one context object per verb, so that a new power never changes a signature."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from penstock.core.check import CheckResult
    from penstock.core.connection import Connection
    from penstock.core.dataset import Dataset, Snapshot, SourceFile
    from penstock.core.evaluation import Evaluation
    from penstock.core.files import FileSource
    from penstock.core.job import Job
    from penstock.core.message import Message
    from penstock.core.metric import MetricValue, ObjectKey
    from penstock.core.model import ModelVersion
    from penstock.core.naming import TableName
    from penstock.core.outcome import Outcome
    from penstock.core.page_filters import Filtering
    from penstock.core.placement import Place
    from penstock.core.ports import Clock, Evaluations, Models
    from penstock.core.project import Project
    from penstock.core.report import Checked, Course, EvaluationView, Remark
    from penstock.core.reporter import Reporter
    from penstock.core.scenario import ScenarioRun, StepResult, StepRun
    from penstock.core.schema import Schema
    from penstock.core.tile import Judged, Passage
    from penstock.core.trigger import TriggerState
    from penstock.core.update import Update


class Log(Protocol):
    """The log of one activity: lines for people, warnings that count and never fail."""

    def info(self, message: str) -> None: ...
    def warning(self, message: str, *, type: str = "warning") -> None: ...


class DatasetContext(Protocol):
    """What a dataset kind sees of its surroundings while it is read or listed."""

    name: str
    project: Project
    backend: Any
    """The Ibis backend of the engine it is read on."""
    every_row: bool
    """Types that are guessed fit every row, not the first ones only."""

    @property
    def place(self) -> Place:
        """Where that engine computes."""

    def table(self, name: str, schema: str) -> Any:
        """A table of the database that it is read in, as an `ibis.Table`; of the connection's schema without one."""

    def managed_table(self) -> TableName:
        """The table this managed dataset is, in the database of its connection."""

    def query(self, sql: str) -> Any:
        """A SELECT in the words of that database, as an `ibis.Table`."""

    def fetched(self) -> Sequence[Path]:
        """Its rows as Parquet files, streamed out of the database they live in, once for each activity."""

    @property
    def work(self) -> Path:
        """A private folder that lives as long as the backend: for unpacked files."""

    def expand(self, text: str) -> str:
        """The text with `${variables}` filled in."""

    def folder(self, name: str) -> FileSource:
        """The files of a managed folder of the project."""

    def connected(self, connection: str, path: str) -> FileSource:
        """The files below a path of a file connection."""

    def uploads(self) -> Path:
        """Where the files uploaded for this dataset lie."""

    def journal(self, service: str, endpoint: str, *, shadow: bool = False) -> FileSource:
        """What API nodes told of the queries that an endpoint of the project's services answered."""

    def server_path(self, path: str) -> Path:
        """A path of the server, refused unless it lies under one of the node's allowed roots."""

    def elsewhere(self, project: str, dataset: str) -> tuple[Dataset, DatasetContext]:
        """A dataset that another project shares with this one, and what it sees. Raises NotFound unless it does."""

    def snapshot(self) -> Snapshot | None:
        """The current snapshot of this managed dataset."""

    def snapshot_files(self) -> list[Path]:
        """The Parquet files of the current snapshot."""

    def metric_history(self, scope: str, item: str, last_only: bool) -> Sequence[MetricValue]: ...
    def check_history(self, scope: str, item: str, last_only: bool) -> Sequence[CheckResult]: ...


class RecipeContext(Protocol):
    """What a recipe may touch. Everything it reads and writes goes through here."""

    project: Project
    recipe_name: str
    job: str
    variables: Mapping[str, Any]

    @property
    def clock(self) -> Clock: ...
    @property
    def log(self) -> Log: ...
    @property
    def work(self) -> Path:
        """A private folder of the activity, removed afterwards."""

    def expand(self, text: str) -> str: ...
    def read(self, dataset: str) -> Any:
        """The dataset as an `ibis.Table` on this activity's engine; lazy."""

    def stream(
        self, dataset: str, *, sampling: Any = None, columns: Sequence[str] | None = None
    ) -> pa.RecordBatchReader:
        """The rows in order as Arrow batches; memory for one batch."""

    def arrow(self, table: Any) -> pa.Table:
        """Run an `ibis.Table` and bring the rows into memory."""

    @property
    def place(self) -> Place:
        """Where this activity computes."""

    def mapped(
        self,
        dataset: str,
        function: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
        schema: pa.Schema,
        *,
        sampling: Any = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """The rows as they come out of a function where the engine computes (`Session.mapped`): for `write`,
        `batches` and `spooled`."""

    def batches(self, data: Any) -> pa.RecordBatchReader:
        """An `ibis.Table`, or what `mapped` gave, as Arrow batches in order; memory for one batch."""

    def spooled(self, data: Any, name: str) -> Sequence[Path]:
        """The same as Parquet files in `work`, in order, written by the engine."""

    def parquet(self, dataset: str) -> Sequence[Path]:
        """The rows as Parquet files, in order: those of the snapshot, or an export of other data into `work`."""

    def query(self, sql: str, tables: Mapping[str, Sequence[Path]]) -> pa.RecordBatchReader:
        """Rows of one SELECT over named Parquet tables, on an engine that sees nothing else (`Session.query`)."""

    def select(self, sql: str, tables: Sequence[str]) -> Any:
        """A SELECT in the words of the database that this activity computes in, over some of its datasets by their
        names, as an `ibis.Table`: nothing is run yet."""

    def run_python(self, code: Path, environment: Mapping[str, str], code_environment: str = "") -> None:
        """Run a Python file in a child process, its output in the log, in a code environment: the project's unless
        told. Raises NotReady when that is not built. Raises ActivityFailed, or Aborted."""

    def previous(self, dataset: str) -> Snapshot | None:
        """The current snapshot of an output: what this run is about to replace."""

    def write(self, dataset: str, data: Any) -> Snapshot:
        """Replace a managed dataset by an `ibis.Table`, `pa.Table`, `pa.RecordBatchReader`, or a folder (`Path`)
        of Parquet files, which are moved: written aside, swapped in when the activity ends well. Raises when the
        dataset is not an output of the recipe."""

    def append(self, dataset: str, data: pa.Table) -> Snapshot:
        """Add rows to a managed dataset: a new snapshot with the old rows and these."""

    def folder(self, name: str) -> Path:
        """The root of a managed folder, to read from."""

    def change_folder(self, name: str) -> Path:
        """The files of an output folder, old ones included, to be changed: what the activity adds, replaces and
        removes there becomes visible when it ends well. Replace a file, never write into an old one."""

    def models(self) -> Models:
        """The Models port; ask it with `project.key`. Versions are kept through `keep_version`."""

    def evaluations(self) -> Evaluations:
        """The Evaluations port; ask it with `project.key`. Evaluations are kept through `keep_evaluation`."""

    def keep_version(self, version: ModelVersion, files: Path, *, activate: bool) -> None:
        """Keep a trained version, with its folder of files and its metrics, once the activity has ended well."""

    def keep_evaluation(
        self, evaluation: Evaluation, *, detail: Mapping[str, Any], sample: Path | None
    ) -> None:
        """Keep an evaluation, and its metrics in the history, once the activity has ended well."""

    def progress(self, message: str, fraction: float | None = None) -> None:
        """Tell whoever watches how far the work is."""

    def should_stop(self) -> bool:
        """True once somebody aborted the job; long loops ask now and then."""

    def after_success(self, action: Callable[[], None]) -> None:
        """Run this when all outputs of the activity have been swapped in."""


class MeasureContext(Protocol):
    """What a probe or a rule sees of the object it measures."""

    project: Project
    key: ObjectKey

    @property
    def columns(self) -> Schema:
        """The columns of a dataset as it is now; empty for other objects."""

    @property
    def expected(self) -> Schema:
        """The columns as the dataset's definition has them."""

    def expand(self, text: str) -> str:
        """The text with `${variables}` filled in."""

    def files(self) -> Sequence[SourceFile]:
        """The files the data consists of."""

    def sql(self, query: str) -> Mapping[str, Any]:
        """First row of a query over the dataset, which is called `dataset` and its own name; {} without a row."""

    def process(self, code: str, code_environment: str = "") -> Any:
        """What `process(obj[, partition])` of a person's code returns, run in a child process; for probes.
        Raises ActivityFailed with the last line of the traceback."""

    def opinion(self, code: str) -> Any:
        """What `process(last_values[, obj[, partition]])` of a person's code returns; for rules."""

    def history(self, metric_id: str) -> Sequence[MetricValue]:
        """All values of a metric of this object, oldest first."""

    def metric(self, metric_id: str, item: str = "") -> MetricValue | None:
        """The latest value of a metric of this object, or of another one of the project (or `PROJECT.name`)."""


class CheckContext(Protocol):
    """What a check sees: values that were stored before, nothing to compute with."""

    key: ObjectKey

    def value(self, metric_id: str) -> MetricValue | None:
        """The latest value of a metric, or None when there is none."""

    def last_values(self) -> Mapping[str, MetricValue]:
        """The latest value of every metric, by id."""

    def opinion(self, code: str) -> Any:
        """What `process(last_values[, obj[, partition]])` of a person's code returns, run in a child process.
        Raises ActivityFailed with the last line of the traceback."""


class Measured(Protocol):
    """What one computation of metrics brought."""

    @property
    def computed(self) -> Sequence[MetricValue]: ...
    @property
    def skipped(self) -> Sequence[Any]:
        """What got no value: `.metric_id`, `.reason`."""

    @property
    def started_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime: ...


class StepContext(Protocol):
    """What a step of a scenario may do. Everything acts as the run's user and is written to the step's log. Once the
    step has been given up (timeout, abort), every verb raises Aborted."""

    @property
    def project(self) -> Project: ...
    @property
    def run(self) -> ScenarioRun: ...
    @property
    def label(self) -> str: ...
    @property
    def variables(self) -> Mapping[str, Any]:
        """Every variable of the run by name: stepOutcome_…, stepOutput_…, outcome, scenarioName, project variables …"""

    @property
    def clock(self) -> Clock: ...
    @property
    def log(self) -> Log: ...
    def expand(self, text: str) -> str:
        """`${…}` filled in. Raises UndefinedVariable with the nearest name."""

    def build(self, items: Sequence[str], mode: str, **options: Any) -> Job:
        """Build and wait; never raises for a FAILED job."""

    def ran(self, job: Job) -> int:
        """How many recipes a job ran; none when everything was up to date."""

    def diagnostics(self, job: Job) -> int:
        """How many of a job's warnings are diagnostics of versions and evaluations that it made."""

    def compute_metrics(self, item: str) -> Measured: ...
    def run_checks(self, item: str, *, skip_auto_run: bool = False) -> Sequence[CheckResult]: ...
    def run_scenario(
        self, scenario: str, *, project: str = "", params: Mapping[str, Any] | None = None
    ) -> ScenarioRun:
        """Run another scenario under the same identity and wait. Raises Conflict when it is running already."""

    def python(self, code: str, code_environment: str = "") -> StepResult:
        """Run a script in a child process with the scenario API; returns the StepResult of what it did: the output it
        set, and the worst outcome of what it did that it let pass. Raises ActivityFailed when it raises."""

    def query(self, sql: str, limit: int, connection: str = "") -> Mapping[str, Any]:
        """The first rows of one SELECT over datasets of the project, by their names: columns, rows, totalRows. With a
        connection it is asked in that database. Raises Refused when the run's user may not use it."""

    def define(self, values: Mapping[str, Any]) -> None:
        """Set variables of this run."""

    def set_project_variables(self, values: Mapping[str, Any], *, local: bool = False) -> None: ...
    def clear(self, item: str) -> None: ...
    def reload_schema(self, dataset: str) -> Sequence[Any]: ...
    def send(self, reporter: Reporter) -> str: ...
    def export_dashboard(
        self, name: str, folder: str, *, file: str, form: str, paper: str, filters: str
    ) -> str:
        """A dashboard as a file of a managed folder; its path there."""

    def create_model_document(self, model: str, folder: str, **settings: Any) -> tuple[str, Sequence[str]]:
        """The document of a model version as a file of a managed folder (`version`, `form`, `template`,
        `template_folder`, `file`, `timestamp`); its path, and what could not be said in it."""

    def create_flow_document(self, folder: str, **settings: Any) -> tuple[str, Sequence[str]]:
        """The document of the whole Flow, in the same words."""

    def refresh_wiki(self) -> Sequence[str]:
        """Bring the project wiki up to date; the articles that are new or say something else."""

    def untrue_articles(self) -> Mapping[str, str]:
        """Article of the project wiki that is no longer true → why. Raises NotReady when it was never generated."""

    def export_wiki(self, article: str, folder: str, **settings: Any) -> str:
        """Articles as a file of a managed folder (`children`, `form`, `paper`, `attachments`, `file`); its path."""

    def create_bundle(self, id: str, *, unique: bool, notes: str, publish: bool, as_project: str) -> str:
        """Make a bundle of the project, and publish it if asked; its id."""

    def models(self) -> Models: ...
    def evaluations(self) -> Evaluations: ...
    def activate(self, model: str, version: str) -> None: ...
    def update_deployment(
        self, deployment: str, package: str, *, ignore_warnings: bool = False, full: bool = False
    ) -> Update:
        """Update a deployment and wait; it may have failed. Stopped when the step is given up."""

    def create_service_version(
        self, service: str, version: str, *, unique: bool, notes: str, publish: bool, as_service: str
    ) -> str:
        """Freeze an API service as a version, and publish it if asked; the id, numbered when it must be unique."""

    def should_stop(self) -> bool: ...


class TriggerContext(Protocol):
    """What a trigger sees when it looks."""

    project: Project
    scenario: str
    state: TriggerState
    now: datetime
    """The slot that is looked at; for time triggers the moment that was due."""

    def data_state(self, item: str, of: str = "data or settings") -> str:
        """A text that changes exactly when the item's `data`, its `settings`, or one of both did; empty while it
        cannot be read."""

    def runs(self, scenario: str, *, project: str = "", since: datetime) -> Sequence[ScenarioRun]:
        """Runs of a scenario that finished then or later, in the order they did."""

    def query(self, sql: str, limit: int, timeout: float, connection: str = "") -> Mapping[str, Any]:
        """The answer to one SELECT over datasets of the project, as plain JSON values: `columns`, `rows` … With a
        connection it is asked in that database.
        Raises ActivityFailed, also when it takes longer than `timeout` seconds."""

    def python(self, code: str, timeout: float, code_environment: str = "") -> Mapping[str, Any] | None:
        """What the script fired with, run in a child process; None when it did not fire. Raises ActivityFailed."""


class TileContext(Protocol):
    """What a tile of a dashboard sees: things that were computed before, and rows of datasets. It changes nothing."""

    project: Project
    dashboard: str

    @property
    def clock(self) -> Clock: ...
    def expand(self, text: str) -> str:
        """`${variables}` filled in; those without a value stay as typed."""

    def values(self, item: str) -> Mapping[str, MetricValue]:
        """The latest value of every metric of an object, by id; of a store, those of its newest evaluation."""

    def history(self, item: str, metric_id: str) -> Sequence[MetricValue]:
        """All values of a metric, oldest first."""

    def course(self, item: str, metric_id: str, last: int) -> Course | None:
        """The last values of a metric with the limits its checks draw; None without a number among them."""

    def checks(self, item: str = "") -> Sequence[Judged]:
        """Checks and rules of an object with what they said last, in order; of the monitored datasets without one."""

    def verdict(self, item: str, metric_id: str) -> Judged | None:
        """The worst that checks of a metric said last; None when none judges it."""

    def runs(self, scenario: str, *, last: int, since: datetime | None = None) -> Sequence[Passage]:
        """Runs of a scenario, newest first."""

    def next_run(self, scenario: str) -> datetime | None: ...
    def usual_seconds(self, scenario: str) -> float | None:
        """How long a run usually takes."""

    def may_run(self, scenario: str) -> str:
        """Why the person who looks may not start a scenario; empty when they may."""

    def read(self, dataset: str, *, filtered: bool = True) -> Any:
        """The dataset as an `ibis.Table`, lazy, with the page's filters on it."""

    def rows(self, table: Any) -> Sequence[Mapping[str, Any]]:
        """Run an `ibis.Table` and bring the rows here."""

    def choices(self, dataset: str) -> Filtering:
        """What the panels of the page chose for a dataset."""

    def written_at(self, item: str) -> datetime | None:
        """When a dataset was last built; None for one that is not built."""

    def evaluation(self, store: str, id: str = "") -> EvaluationView:
        """An evaluation with its drift; the newest when no id is given. Raises NotFound."""

    def evaluation_detail(self, store: str, id: str = "") -> tuple[Evaluation, Mapping[str, Any]]:
        """An evaluation with its curves, drift and settings; the newest when no id is given. Raises NotFound."""

    def version(self, model: str, id: str = "") -> tuple[ModelVersion, Mapping[str, Any]]:
        """A version, the active one without an id, with what was found out when it was trained."""

    def file(self, folder: str, path: str) -> bytes: ...
    def article(self, name: str) -> str:
        """The Markdown of an article of the wiki. Raises NotFound."""


class ConnectionContext(Protocol):
    """What a connection is given while it works. It works in a child process that is killed when time is up."""

    timeout: float
    """Seconds; a good limit for sockets."""

    def secret(self, text: str) -> str:
        """`secret:name` → the value; any other text as it is."""


class ReportContext(Protocol):
    """What a reporter is given: the run, the words, the channel."""

    project: Project
    run: ScenarioRun
    steps: Sequence[StepRun]
    variables: Mapping[str, Any]
    """The same names in `${…}` and in Jinja templates."""

    @property
    def clock(self) -> Clock: ...
    @property
    def standing(self) -> Outcome | None:
        """How the run ended; in the middle of it, how it stands after the steps so far; None before the first."""

    @property
    def link(self) -> str:
        """The address of the run; empty when the node does not know its own."""

    def expand(
        self, text: str, *, escape: Callable[[str], str] = str, more: Mapping[str, str] | None = None
    ) -> str:
        """`${name}` and `${formula}` filled in, values through `escape`, those of `more` as they are.

        A name without a value becomes empty and is noted on the run.
        """

    def value(self, text: str) -> Any:
        """Like `expand`, but a text that is one `${name}` and nothing else gives the value with its type."""

    def uses(self, names: Iterable[str]) -> None:
        """A template uses these variables: those that cannot have a value are noted on the run."""

    def note(self, message: str) -> None:
        """Something worth knowing that did not keep the message from being sent; kept on the run."""

    def notes(self) -> Sequence[str]:
        """What was noted so far."""

    def template(self, name: str) -> str:
        """The text of a file in the project's `templates/` folder. Raises NotFound with the nearest name."""

    def channel(self, name: str, type: str) -> Connection:
        """A connection of that type that the run's user may use; the only one when no name is given.
        Raises NotFound or Refused."""

    def deliver(self, channel: Connection, messages: Sequence[Message]) -> str:
        """Send, within the reporter's timeout; secrets are filled in on the way. Returns what became of it."""

    def checks(self) -> Sequence[Checked]:
        """What the checks of this run said, in the order of the steps."""

    def remarks(self) -> Sequence[Remark]:
        """What went less than well in this run, in the order of the steps."""

    def courses(self) -> Sequence[Course]:
        """How the metrics of the evaluation stores of this run went lately."""

    def log(self) -> str:
        """The log of the run so far."""

    def rows(self, dataset: str, limit: int) -> tuple[Sequence[str], Sequence[Mapping[str, Any]]]:
        """The first rows of a dataset: column names, rows."""

    def export(self, dataset: str, ending: str, limit: int | None = None) -> bytes:
        """A dataset as a file of csv, tsv, jsonl or parquet; its first rows only when limited."""

    def files(self, folder: str, pattern: str) -> Mapping[str, bytes]:
        """Files of a managed folder by path; `pattern` is a path or has `*`. Raises NotFound for none."""

    def dashboard(self, name: str, form: str, paper: str, filters: str) -> tuple[str, bytes]:
        """A dashboard as a file: its name and content. Raises NotFound or Invalid."""

    def wiki(self, article: str, form: str, paper: str, *, attachments: bool) -> tuple[str, bytes]:
        """The whole wiki, or an article with those below it, as a file: its name and content."""

    def evaluation(self, store: str, id: str = "") -> EvaluationView:
        """An evaluation with its drift and how Data Drift went up to it; the newest when no id is given."""

    def append(self, dataset: str, row: Mapping[str, Any]) -> None:
        """Add one row to a managed dataset that no recipe writes."""


__all__ = [
    "CheckContext",
    "Dataset",
    "DatasetContext",
    "Evaluation",
    "Log",
    "MeasureContext",
    "ModelVersion",
    "RecipeContext",
]
