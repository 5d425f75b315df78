"""The ports: what the use cases need of the rooms, as Protocols. One adapter per port and backend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol

from penstock.core.placement import LOCAL, Place

if TYPE_CHECKING:
    from penstock.core.access import People
    from penstock.core.analysis import Imported, ImportSettings, Scored
    from penstock.core.bundle import Side
    from penstock.core.check import CheckResult
    from penstock.core.connection import Connection
    from penstock.core.contexts import DatasetContext
    from penstock.core.dataset import Dataset, Snapshot
    from penstock.core.discussion import Discussion, Notice, Reply
    from penstock.core.document import Document, Markdown
    from penstock.core.drift import DriftSettings
    from penstock.core.drift_report import DriftReport
    from penstock.core.environment import EnvironmentBuild, EnvironmentDefinition, EnvironmentVersion
    from penstock.core.evaluation import Evaluation
    from penstock.core.files import FileRoot
    from penstock.core.job import Activity, BuildRecord, Job
    from penstock.core.kind import Definition
    from penstock.core.metric import MetricValue, ObjectKey
    from penstock.core.model import ModelVersion
    from penstock.core.naming import TableName
    from penstock.core.package import ServiceVersion
    from penstock.core.placeholders import Filled, Names
    from penstock.core.plugin import PluginSource
    from penstock.core.project import Project
    from penstock.core.promotion import ForecastScores
    from penstock.core.revision import Revision
    from penstock.core.scenario import ScenarioRun, StepRun
    from penstock.core.schema import Schema
    from penstock.core.signing import NodeKey, Signature
    from penstock.core.standard import Standards
    from penstock.core.trigger import TriggerState
    from penstock.core.update import Update
    from penstock.core.user import ApiKey, Failures, Group, Link, User
    from penstock.core.user import Session as SignedIn
    from penstock.core.version_control import Allowing, RemoteAddress, VersionStanding
    from penstock.core.worker import Hold, Worker

DeployerSort = Literal["infrastructure", "project", "service", "deployment", "service_deployment"]
"""What a deployer keeps definitions of."""


class Clock(Protocol):
    """Time and chance, so that tests can hold them still."""

    def now(self) -> datetime:
        """The instant, in UTC, cut to milliseconds."""

    def new_id(self, length: int = 12) -> str:
        """A fresh random id of lower-case letters and digits."""


class Projects(Protocol):
    """Projects as folders of YAML, each one git repository. Every save is a commit by its author."""

    def keys(self) -> list[str]: ...
    def forget(self) -> None:
        """Read every project anew when it is asked for next: the kinds there are have changed."""

    def path(self, key: str) -> Path: ...
    def create(self, key: str, *, title: str, author: str) -> Project:
        """A new project with an empty Flow. Raises Conflict when the key is taken."""

    def load(self, key: str) -> Project:
        """Parse every file. A broken one hinders no other: it is told in the project's `problems`. Raises NotFound."""

    def validate(self, key: str) -> list[Any]:
        """Every problem of every file (InvalidDefinition), instead of only the first."""

    def add(
        self,
        folder: Path,
        *,
        author: str,
        key: str = "",
        change: Callable[[Project], Mapping[str, Definition]] | None = None,
    ) -> Project:
        """Take a folder of project files (its name or `key`) into the home as a project of its own. `change` says
        which files are different here; when it raises, nothing is taken in."""

    def examine(
        self,
        folder: Path,
        key: str,
        change: Callable[[Project], Mapping[str, Definition]] | None = None,
    ) -> tuple[Project, list[Any]]:
        """What a folder of files would be as a project here, and every problem it would have (InvalidDefinition).
        `change` says which of its files are different here; they are rewritten in the folder. Nothing is taken in."""

    def install(self, key: str, folder: Path, *, author: str, message: str) -> str:
        """Make the files of a folder, and no others, the project, as one commit, whether it was there or not; whatever
        they say: who calls has looked. Twice does no harm. Edits by hand become a commit of their own first."""

    def files_at(self, key: str, commit: str) -> Mapping[str, bytes]:
        """Every file as it was at a commit."""

    def tag(self, key: str, name: str, commit: str) -> None:
        """Call a commit by a name, in git. A name that is taken is moved."""

    def last_change(self, key: str, file: str) -> tuple[str, datetime] | None:
        """Who changed a file last, and when; whoever took the whole project in counts as having changed it then.
        None for a file that was never saved."""

    def authors_of(self, key: str, file: str, setting: str) -> Sequence[str]:
        """Who saved a file with the value that one of its top-level settings has now, newest first, back to whoever
        chose it; for what came with the project, whoever took that in."""

    def delete(self, key: str) -> None: ...

    def content(self, key: str, file: str) -> bytes:
        """The bytes of a file. Raises NotFound."""

    def listed(self, key: str, folder: str) -> list[str]:
        """The files below a folder of a project, in order, by their path in the project."""

    def texts(self, key: str, folder: str) -> Mapping[str, bytes]:
        """The Markdown files right in a folder, by name without ending, in order. Quick the second time."""

    def read(self, key: str, file: str) -> tuple[str, str]:
        """The text of one file, and its hash to hand back when saving."""

    def save(
        self,
        key: str,
        definitions: Mapping[str, Definition | str | bytes | None],
        *,
        author: str,
        message: str,
        base: Mapping[str, str] | None = None,
    ) -> str:
        """Write several files as one commit and return its id. File → definition, raw text, or None to delete.

        Comments and key order of what is there already are kept. `base` maps file → the hash it was read
        with; a file that changed since raises SaveConflict with the diff. Everything is validated as a whole
        first: on any error nothing is written.
        """

    def rename(self, key: str, old: str, new: str, *, author: str) -> str:
        """Rename an object and every reference to it, as one commit."""

    def history(self, key: str, file: str = "", *, limit: int = 0) -> list[Revision]:
        """Commits, newest first. A limit of 0 = all."""

    def diff(self, key: str, older: str, newer: str = "", file: str = "") -> str: ...
    def revert(self, key: str, commit: str, *, author: str, file: str = "") -> str:
        """Bring definitions back to what they were at a commit, as a new commit; empty when they are so already.

        Never touches data. What was edited by hand becomes a commit of its own first.
        """

    def uncommitted(self, key: str) -> list[str]:
        """Files that were edited by hand since the last commit. Quick: by their stamps."""

    def settle(self, key: str, *, author: str) -> str:
        """Commit hand edits that are well formed, by themselves; returns the id, empty when there are none.

        For whoever is about to change or run something. Reading never calls it. Quick when nothing was edited.
        """

    def commit(self, key: str, *, author: str, message: str) -> str:
        """Commit all hand edits; empty when there are none. Raises InvalidDefinition for a broken one."""

    def amend(self, key: str, file: str, values: Mapping[str, Any]) -> None:
        """Change top-level settings in the text of a file that may be broken, and nothing else: no check, no commit.
        Raises NotFound."""

    def set_variables(
        self, key: str, values: Mapping[str, Any], *, author: str, local: bool = False, remove: Sequence[str] = ()
    ) -> None:  # fmt: skip
        """Merge values into the project's standard or local variables, atomically; `remove` takes some out."""

    def instance_variables(self) -> Mapping[str, Any]:
        """Variables of the node: its file, then its local file over it."""


class Versions(Protocol):
    """Branches of projects, and repositories elsewhere. Only definitions move, never data."""

    def standing(self, key: str) -> VersionStanding:
        """What is checked out, what there is, and how far it is from elsewhere, as it was fetched last."""

    def remote(self, key: str, name: str) -> RemoteAddress:
        """Raises NotFound with the nearest name."""

    def add_remote(self, key: str, remote: RemoteAddress) -> None:
        """Raises Conflict for a name that is taken."""

    def remove_remote(self, key: str, name: str) -> None: ...
    def fetch(self, key: str, name: str, *, secret: str) -> None:
        """Ask what is there, and bring it here aside: no file changes. Raises Failed."""

    def push(
        self, key: str, name: str, *, secret: str, check: Callable[[Mapping[str, bytes]], None]
    ) -> None:  # fmt: skip
        """Bring the current branch there, after `check` was given `commit:path` → bytes of everything that would come
        there for the first time. Raises what that raises, Conflict while there is something that is not here, Failed.
        """

    def pull(self, key: str, name: str, *, by: str, allow: Allowing) -> str:
        """Bring what was fetched below ours; returns the commit. Raises Conflict naming files changed on both sides,
        InvalidDefinition for a state that does not parse; nothing has changed then."""

    def drop(self, key: str, name: str, *, by: str, allow: Allowing) -> str:
        """Go back to the last commit, or with a name to the last one fetched from there; ours go. Returns it."""

    def bundle(self, key: str, target: Path) -> None:
        """Every branch and tag with every commit, as one file that `git clone` reads too."""

    def unbundle(self, folder: Path, source: Path) -> None:
        """Make a folder of project files the repository that such a file holds. Raises Invalid for one that is none."""

    def create_branch(self, key: str, branch: str, *, start: str, by: str) -> str:
        """A branch at a commit, a branch, a tag or NAME/BRANCH; here when empty. Returns the commit."""

    def switch(self, key: str, branch: str, *, by: str, allow: Allowing) -> str:
        """Let the files be those of another branch. Raises Conflict while edits by hand are not saved."""


class Data(Protocol):
    """Managed data on disk: snapshots of datasets, managed folders, uploads."""

    def snapshot(self, project: str, dataset: str) -> Snapshot | None: ...
    def snapshots(self, project: str, dataset: str) -> list[Snapshot]:
        """Those still readable, newest first."""

    def files(self, project: str, dataset: str, snapshot: str = "") -> list[Path]: ...
    def begin(self, project: str, dataset: str) -> Path:
        """A fresh folder to write Parquet files into, invisible until `finish`."""

    def finish(
        self, project: str, dataset: str, written: Path, *, job: str, keep: int, after: str | None = None
    ) -> Snapshot:
        """Make a written folder the current snapshot, in one atomic step; drop the oldest beyond `keep`.

        With `after` – an id, or an empty text for none – only while that is the current one still: Conflict else.
        """

    def discard(self, written: Path) -> None: ...
    def clear(self, project: str, dataset: str) -> None: ...
    def folder(self, project: str, folder: str) -> Path:
        """The root of a managed folder; made when it does not exist."""

    def uploads(self, project: str, dataset: str) -> Path: ...
    def stage(self, project: str, root: Path) -> Path:
        """The files of a managed folder, to be changed without anybody seeing it: nothing happens until
        `finish_folder`, and `discard` forgets it. A file is replaced there, never written in place: the old ones
        are links."""

    def finish_folder(self, project: str, staged: Path) -> tuple[int, int]:
        """Make a staged view what the folder holds, all of it or nothing; files written, files removed."""

    def put(self, source: Path, target: Path) -> None:
        """Copy a file into a managed folder or to the uploads, whole or not at all."""

    def drop_uploads(self, project: str, dataset: str) -> None:
        """Remove every uploaded file of a dataset."""

    def server_path(self, path: str) -> Path:
        """An absolute path under an allowed root. Raises Refused with the roots otherwise."""

    def sweep(self) -> int:
        """Remove what dead processes left half-written, complete the swaps they had begun; returns how many."""

    def move(self, project: str, old: str, new: str) -> None:
        """Follow an object that was renamed."""

    def delete_project(self, project: str) -> None: ...


class Files(Protocol):
    """Files wherever they lie: in folders of this machine, behind file connections."""

    def at(self, project: str, folder: Path) -> FileRoot:
        """Files of a folder of this machine that a project changes."""

    def on(self, project: str, connection: str, path: str, *, flag: str = "") -> FileRoot:
        """Files below a path of a file connection, as a project sees them. `flag` is the one that must be on, such
        as `managed_folders`. Raises Refused where it is off, or where no files lie behind a connection; NotFound."""

    def rule(self, connection: str) -> str:
        """Where managed objects lie on a file connection unless they say it themselves, `${projectKey}` in it."""

    def sweep(self) -> int:
        """Remove what dead processes left half-fetched on this machine; returns how many."""


class Session(Protocol):
    """One activity's place to compute: an engine, open."""

    backend: Any
    place: Place

    def table(self, ctx: DatasetContext, dataset: str) -> Any: ...
    def infer(self, ctx: DatasetContext, dataset: Dataset, *, types: bool) -> Schema:
        """The columns that a dataset's data suggests; all of a text file are strings without `types`."""

    def from_table(self, name: str, schema: str = "") -> Any:
        """A table of the database it computes in, as an `ibis.Table`. Raises Refused where there is no database."""

    def from_query(self, sql: str) -> Any:
        """A SELECT in the words of that database, as an `ibis.Table`."""

    def columns(self, table: Any) -> Schema:
        """The columns of an `ibis.Table`, with storage types."""

    def stream(self, table: Any, *, batch_rows: int = 65_536) -> Any:
        """An `ibis.Table` as a `pa.RecordBatchReader`."""

    def arrow(self, table: Any) -> Any: ...
    def export(self, table: Any, target: Path) -> None:
        """All rows in one file; its ending chooses csv, tsv, jsonl or parquet (and .gz)."""

    def aggregate(self, table: Any, expressions: Mapping[str, Any]) -> dict[str, Any]:
        """Evaluate Ibis scalars over one table in ONE query: key → plain Python value (None for SQL NULL)."""

    def write_parquet(self, data: Any, folder: Path) -> None:
        """An `ibis.Table`, `pa.Table` or `pa.RecordBatchReader` as Parquet files in a folder. The Parquet files of
        a folder (`Path`) are moved there."""

    def mapped(self, table: Any, function: Callable[[Iterator[Any]], Iterator[Any]], schema: Any) -> Any:
        """The rows of a table as they come out of a function, to be given to `write_parquet` or `arrow`.

        The function gets an iterator of `pa.RecordBatch` and gives one, with the columns of the `pa.Schema`. Here it
        runs in this process over all rows in their order, on Spark in the workers, on one partition each; then it
        is pickled. It must therefore treat every batch alike, or give answers that somebody merges."""

    def query(self, sql: str, tables: Mapping[str, Any]) -> Any:
        """The rows of one SELECT over named tables as a `pa.RecordBatchReader`. Raises Refused for anything else.

        Here the tables are Parquet files, and the SELECT can touch no other file, no network, no setting. In a
        database they are `ibis.Table`s of the session, beside whatever its login may read; nothing can be changed.
        """

    def select(self, sql: str, tables: Mapping[str, Any]) -> Any:
        """One SELECT in the words of the database, over `ibis.Table`s of the session by name, as an `ibis.Table`.
        Raises Refused where there is no database."""

    def describe(self, sql: str, tables: Mapping[str, Schema]) -> Schema:
        """The columns such a query would have over tables with these columns, without any data."""

    def interrupt(self) -> None: ...


class TableDraft(Protocol):
    """Rows of a managed dataset that lie aside in a database: nobody reads them before they are swapped in."""

    columns: Schema
    """Of what was written so far."""

    def write(self, session: Session, data: Any) -> Snapshot:
        """An `ibis.Table` of the session, Arrow rows, or a folder of Parquet files, in place of what was written
        before. An expression of the same database stays there: one CREATE TABLE AS. All else comes in batches."""

    def append(self, session: Session, data: Any) -> Snapshot:
        """More rows, after those written so far; at first after those that the dataset holds now."""

    def discard(self) -> None:
        """Forget it; nothing happens once it was swapped in."""


class Tables(Protocol):
    """Managed datasets that are tables in the database of one connection."""

    name: str
    """Of the connection."""

    def snapshot(self, table: TableName) -> Snapshot | None: ...
    def begin(self, table: TableName, *, project: str, dataset: str) -> TableDraft:
        """A table aside, to be written; what dead writers left in its schema is gone. Raises ConnectionNotWritable,
        and Refused for a table that is somebody else's."""

    def finish(self, drafts: Sequence[Any], *, job: str, after: str | None = None) -> list[Snapshot]:
        """Make written tables the current ones, all of them or none, in one transaction. With `after` only while
        that snapshot is the current one still: Conflict else."""

    def clear(self, table: TableName) -> None:
        """Drop a table of ours, and what is known of it."""

    def move(self, old: TableName, new: TableName, *, project: str, dataset: str) -> None:
        """Follow a dataset that was renamed; its rows stay as they are."""

    def sweep(self, schema: str = "") -> int:
        """Drop what dead writers left in a schema; returns how many tables."""


class Engines(Protocol):
    """Where tables are computed."""

    def tables(self, connection: str) -> Tables:
        """The managed datasets in the database of a connection. Raises NotFound, Refused for another sort of one."""

    def session(self, place: Place = LOCAL) -> AbstractContextManager[Session]:
        """A place to compute: here, in the database of a connection, on Spark."""

    def run_python(
        self,
        *,
        code: Path,
        environment: Mapping[str, str],
        log: Callable[[str], None],
        should_stop: Callable[[], bool],
        work: Path,
        python: Path | None = None,
    ) -> None:
        """Run a Python file in a child process, with the node's own Python unless told. Raises ActivityFailed on a
        non-zero exit, Aborted when stopped (its whole process tree is killed then)."""


class Runs(Protocol):
    """Jobs, activities and what builds remember."""

    def add_job(self, job: Job, activities: Sequence[Activity] = ()) -> None:
        """Keep a new job. Raises Conflict when its id is taken."""

    def update_job(self, job: Job) -> None: ...
    def save_activity(self, activity: Activity) -> None: ...
    def job(self, id: str) -> Job: ...
    def jobs(self, project: str = "", *, state: str = "", limit: int = 50, offset: int = 0) -> list[Job]: ...
    def count(self) -> int:
        """How many jobs there are in all."""

    def activities(self, job: str) -> list[Activity]: ...
    def heartbeat(self, job: str, at: datetime) -> None: ...
    def request_abort(self, job: str) -> bool:
        """Ask a job to stop; False when it had ended already."""

    def abort_requested(self, job: str) -> bool: ...
    def claim(self, project: str, items: Sequence[str], job: str) -> dict[str, str]:
        """Mark items as being built by a job, all or none. Returns {} on success, else item → blocking job."""

    def release(self, job: str) -> None: ...
    def held(self, project: str) -> dict[str, str]:
        """Item → the job that builds it now. What a job that has ended forgot to release is not told."""

    def holders(self) -> list[str]:
        """Everyone who holds an item of any project, jobs that have ended too."""

    def orphans(self, alive: Callable[[str], bool]) -> list[Job]:
        """Unfinished jobs whose owner is no longer alive."""

    def build_record(self, project: str, item: str) -> BuildRecord | None: ...
    def build_records(self, project: str) -> dict[str, BuildRecord]: ...
    def save_build_records(self, records: Sequence[BuildRecord]) -> None: ...
    def forget_build(self, project: str, item: str) -> None: ...
    def move(self, project: str, old: str, new: str) -> None:
        """Follow an object that was renamed."""

    def delete_project(self, project: str) -> None: ...
    def log_path(self, job: str, recipe: str = "") -> Path:
        """The file an activity's log is written to (the job's own when no recipe is named)."""

    def prune_logs(self, *, now: datetime, kept: int, days: int) -> int:
        """Drop the logs of ended jobs older than `days`, and all but the newest `kept` of each project."""

    def prune_jobs(self, *, now: datetime, kept: int, days: int) -> int:
        """Drop ended jobs with their logs: those older than `days`, and all but the newest `kept` of each project."""


class Metrics(Protocol):
    """Metric values and check results with their history."""

    def add_values(self, values: Sequence[MetricValue]) -> None: ...
    def add_results(self, results: Sequence[CheckResult]) -> None: ...
    def last(self, key: ObjectKey) -> dict[str, MetricValue]:
        """Latest value of every metric of an object, by metric id."""

    def history(self, key: ObjectKey, metric_id: str = "", *, limit: int = 0) -> list[MetricValue]:
        """Oldest first; 0 = all."""

    def last_results(self, key: ObjectKey) -> dict[str, CheckResult]:
        """Latest result of every check of an object, by check id."""

    def results(self, key: ObjectKey, check_id: str = "", *, limit: int = 0) -> list[CheckResult]: ...
    def project_values(self, project: str, *, last_only: bool = False) -> list[MetricValue]: ...
    def project_results(self, project: str, *, last_only: bool = False) -> list[CheckResult]: ...
    def forget_evaluations(self, project: str, store: str, ids: Sequence[str]) -> None:
        """Drop the values that came from deleted evaluations, so that `last` is the newest survivor's."""

    def forget(self, key: ObjectKey) -> None: ...
    def move(self, project: str, old: str, new: str) -> None:
        """Follow an object that was renamed."""

    def delete_project(self, project: str) -> None: ...


class Models(Protocol):
    """Versions of saved models; exactly one, or none, is active."""

    def add(self, version: ModelVersion, files: Path, *, activate: bool) -> None:
        """Keep a new version with its folder of model files, and make it the active one if asked."""

    def versions(self, project: str, model: str) -> list[ModelVersion]:
        """Newest first."""

    def version(self, project: str, model: str, id: str = "") -> ModelVersion:
        """One version; the active one when no id is given. Raises NoActiveVersion or NotFound."""

    def active(self, project: str, model: str) -> str:
        """Id of the active version, or an empty text."""

    def activate(self, project: str, model: str, id: str, *, by: str) -> None: ...
    def delete(self, project: str, model: str, id: str) -> None:
        """Raises ActiveVersion for the active one."""

    def files(self, project: str, model: str, id: str) -> Path:
        """The folder with what the version keeps. Raises UntrustedModel, naming model, version and file, when one is
        not as it was saved; each file is looked at again only when the disk says it changed."""

    def move(self, project: str, old: str, new: str) -> None:
        """Follow an object that was renamed."""

    def delete_project(self, project: str) -> None: ...


class Evaluations(Protocol):
    """Evaluations by store."""

    def save(self, evaluation: Evaluation, *, detail: Mapping[str, Any], sample: Path | None) -> Evaluation:
        """Keep an evaluation; one with the same id in the same store is replaced."""

    def list(
        self, project: str, store: str, *, limit: int = 0, offset: int = 0, newest_first: bool = False
    ) -> list[Evaluation]: ...
    def search(
        self,
        project: str,
        store: str,
        *,
        text: str = "",
        by: str = "",
        down: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Sequence[Evaluation], int]:
        """Those with a text in their name, model, dataset or labels, sorted by `name`, `rows` … or a metric id, else
        by creation; and how many there are in all."""

    def count(self, project: str, store: str) -> int: ...
    def get(self, project: str, store: str, id: str) -> Evaluation: ...
    def latest(self, project: str, store: str) -> Evaluation | None:
        """The one made last; one that replaced an older one of its id counts by when that was, as its metrics do."""

    def detail(self, evaluation: Evaluation) -> Mapping[str, Any]: ...
    def sample(self, evaluation: Evaluation) -> Path | None:
        """The Parquet file with the stored drift sample."""

    def rename(self, project: str, store: str, id: str, name: str) -> None: ...
    def set_labels(self, project: str, store: str, id: str, labels: Mapping[str, str]) -> None: ...
    def delete(self, project: str, store: str, ids: Sequence[str]) -> int: ...
    def move(self, project: str, old: str, new: str) -> None:
        """Follow an object that was renamed."""

    def delete_project(self, project: str) -> None: ...


class Analyses(Protocol):
    """Numbers about models and evaluations that are worked out when somebody asks. Nothing is kept.

    `files` is the folder of a version; `NotFound` where something asked for is not in it.
    """

    def drift(
        self,
        reference: Scored,
        current: Scored,
        settings: DriftSettings,
        *,
        roles: Mapping[str, str] | None = None,
        importance: Mapping[str, float] | None = None,
    ) -> DriftReport:
        """Compare two samples under any settings."""

    def judge(self, files: Path) -> None:
        """Open a version once. Raises UntrustedModel for one that holds code, GoldenBatchMismatch."""

    def forecast_scores(self, new: Path, old: Path) -> ForecastScores:
        """Two versions of a forecast on the rows held back from training the new one."""

    def predict(self, files: Path, rows: Any, *, threshold: float | None = None) -> Any:
        """Probabilities and predictions of rows (Arrow, a data frame or mappings), as an Arrow table."""

    def what_if(self, files: Path, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The typical train row with some cells changed: prediction, probabilities, what moved it."""

    def partial_dependence(self, files: Path, feature: str) -> dict[str, Any]: ...
    def explanations(self, files: Path, rows: int = 5) -> dict[str, Any]:
        """The lowest and the highest predictions of the test set, and why."""

    def subpopulations(self, files: Path, column: str) -> dict[str, Any]: ...
    def fairness(self, files: Path, column: str, *, reference: str, positive: str = "") -> dict[str, Any]: ...
    def import_mlflow(self, source: Path, out: Path, settings: ImportSettings) -> Imported:
        """Take in a model that MLflow saved, as files of a version in `out`."""


class ScenarioRuns(Protocol):
    """Runs of scenarios, their steps, what triggers remember, who works: rows that any worker may take on."""

    def ask(self, run: ScenarioRun, *, on_conflict: str = "cancel") -> ScenarioRun:
        """Put a run on the queue. When one of the same scenario is queued or running it comes back CANCELLED, or
        waits as the only one in line with `queue one`. Atomic: never two at once. An id that is taken gets
        something random behind; a step that asks again (`parent`, `parent_step`) gets the run it asked for before."""

    def claim(self, owner: str, now: datetime, lease: timedelta, *, run: str = "") -> ScenarioRun | None:
        """Take the oldest queued run whose turn it is; with `run`, only that one. Exactly one caller gets it.

        `owner` is new for every claim (`runtime/lease.py: token`), so that a thread that lost a run can never be
        mistaken for the one that has it now. Runs claimed under one owner are held and lost together.
        """

    def heartbeat(self, run: str, owner: str, until: datetime) -> bool:
        """A sign of life for every run this owner holds, counting up their `beats`; False when `run` is none of
        them any more: somebody else has it, or it is gone."""

    def requeue(self, run: str, owner: str, *, beats: int | None = None) -> bool:
        """Put a RUNNING run of this owner back on the queue: handed back, or with `beats` recovered from a dead worker
        of which nothing was heard since it had counted so many (False when something was). Steps stay."""

    def holds(self) -> list[Hold]:
        """Who has which run, and how often it gave a sign of life."""

    def save(self, run: ScenarioRun, *, owner: str = "") -> bool:
        """Write a run; with `owner`, only while that worker still holds it; without, only while nobody does (False
        otherwise). A final state frees the scenario for the next run. Definition, lease, counts and abort request in
        the table stay as they are. Without `owner` a final run that is not there yet is added: MISSED, CANCELLED."""

    def run(self, id: str) -> ScenarioRun: ...
    def runs(
        self,
        project: str = "",
        scenario: str = "",
        *,
        finished: bool | None = None,
        since: datetime | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[ScenarioRun]:
        """Newest first; a limit of 0 = all. `finished`: True = DONE, False = queued or running, None = every row,
        those that never began too. `since`: ended then or later if `finished`, asked for then or later otherwise."""

    def sweep(self, before: datetime) -> int:
        """Remove logs of runs that are no longer kept, older than a moment; returns of how many."""

    def untold(self, since: datetime) -> list[ScenarioRun]:
        """Runs asked for since then of which a reporter failed to tell, newest first."""

    def count(self) -> int:
        """How many runs there are in all."""

    def request_abort(self, run: str) -> bool:
        """Ask a run to stop; False when it had ended. One that never began is CANCELLED on the spot."""

    def abort_requested(self, run: str) -> bool: ...
    def save_step(self, step: StepRun, *, owner: str) -> bool:
        """Write one step (run, position, part) while this worker holds its run (False otherwise); a DONE or SKIPPED
        step is never overwritten (False)."""

    def steps(self, run: str) -> list[StepRun]:
        """By position, then part."""

    def trigger_states(self, project: str = "", scenario: str = "") -> list[TriggerState]: ...
    def due_triggers(self, now: datetime, *, limit: int = 100) -> list[TriggerState]:
        """Those whose `next_look` has come; the cost does not grow with how many there are in all."""

    def save_trigger(self, state: TriggerState) -> bool:
        """Write a state if its `version` is still the one in the table (0 = not there yet), counting it up; False
        when it is not."""

    def fire(
        self, state: TriggerState, run: ScenarioRun, *, on_conflict: str = "cancel"
    ) -> ScenarioRun | None:
        """`save_trigger` and `ask` in one: both happen or neither does. None when somebody else changed the state
        meanwhile, so that a firing is never lost and never doubled, whatever dies in between."""

    def forget_triggers(self, project: str, scenario: str, keep: Sequence[str] = ()) -> None: ...
    def sign(self, worker: Worker) -> None:
        """A worker's sign of life: one row, updated in place."""

    def sign_off(self, worker: str) -> None: ...
    def workers(self) -> list[Worker]:
        """Who signed and did not sign off, dead or alive."""

    def log_path(self, run: str, step: str = "") -> Path:
        """The file of a run's log, or of one step of it (`2`, or `2.1` for a part)."""

    def prune(self, *, now: datetime, kept: int, days: int) -> int:
        """Drop ended runs, with their steps and logs: those older than `days`, and all but the newest `kept` of each
        scenario (of those that ran, and of those that never began). Returns how many."""

    def move(self, project: str, old: str, new: str) -> None:
        """Follow a scenario that was renamed."""

    def delete_project(self, project: str) -> None: ...


class Secrets(Protocol):
    """Sealed values of the node; YAML only ever names them."""

    def put(self, name: str, value: str) -> None: ...
    def get(self, name: str) -> str:
        """Raises NotFound with the nearest name."""

    def names(self) -> list[str]: ...
    def delete(self, name: str) -> None: ...
    def mask(self, text: str) -> str:
        """The text without any value that is sealed here: what every log line and message goes through."""


class Users(Protocol):
    """Accounts of the node, their groups, and who has which rights in its projects."""

    def add(self, user: User) -> None:
        """Raises Conflict when the login is taken."""

    def save(self, user: User) -> None:
        """Write a changed user. Raises NotFound."""

    def get(self, login: str) -> User:
        """Raises NotFound with the nearest login."""

    def find(self, login: str) -> User | None: ...
    def all(self) -> list[User]:
        """By login."""

    def seen(self, login: str, at: datetime) -> None: ...
    def groups(self) -> list[Group]:
        """By name."""

    def group(self, name: str) -> Group:
        """Raises NotFound with the nearest name."""

    def save_group(self, group: Group) -> None:
        """Make a group or change it."""

    def delete_group(self, name: str) -> None:
        """Remove a group from its members and from every project, too. Raises NotFound."""

    def people(self, project: str) -> People:
        """Who has which rights in a project; nobody when nothing was ever said."""

    def all_people(self) -> dict[str, People]:
        """The same for every project of which something was said."""

    def save_people(self, people: People) -> None:
        """Replace everything that is said about one project, in one step."""

    def delete_project(self, project: str) -> None: ...


class Credentials(Protocol):
    """What people and programs show to be known. Passwords and secrets come in and never come out."""

    def set_password(self, login: str, password: str) -> None:
        """Keep a password by its argon2id hash, in place of an older one; an empty one means there is none."""

    def check_password(self, login: str, password: str) -> bool:
        """Whether it is the user's. Takes as long for a user who is not there, or has none."""

    def has_password(self, login: str) -> bool: ...
    def add_session(self, session: SignedIn) -> None: ...
    def session(self, id: str) -> SignedIn | None: ...
    def sessions(self, login: str) -> list[SignedIn]:
        """Newest first, ended ones left out."""

    def touch_session(self, id: str, seen: datetime) -> None: ...
    def end_session(self, id: str) -> None: ...
    def end_sessions(self, login: str, *, keep: str = "") -> int:
        """End every session of a user but one; returns how many."""

    def add_link(self, link: Link) -> None:
        """Keep a one-time link; an older one of the same user and purpose is good no more."""

    def link(self, id: str) -> Link | None: ...
    def take_link(self, id: str) -> Link | None:
        """The link, for the only caller who ever gets it; None for everybody else."""

    def end_links(self, login: str) -> None: ...
    def add_key(self, key: ApiKey, hash: str) -> None: ...
    def key(self, id: str) -> ApiKey:
        """Raises NotFound."""

    def key_by_hash(self, hash: str) -> ApiKey | None: ...
    def keys(self, *, login: str = "", project: str = "") -> list[ApiKey]:
        """Newest first: all, the personal ones of a user, or those of a project."""

    def use_key(self, id: str, at: datetime) -> None: ...
    def delete_key(self, id: str) -> None:
        """Raises NotFound."""

    def delete_project(self, project: str) -> None:
        """Drop the keys of a project."""

    def failures(self, account: str, address: str, since: datetime) -> Failures: ...
    def failed(self, account: str, address: str, at: datetime) -> None:
        """Remember an attempt as failed. It is remembered before it is looked at, so that many at once all count."""

    def succeeded(self, account: str, address: str) -> None:
        """Forget the failures of an account from an address."""

    def sweep(self, now: datetime, remembered: timedelta) -> None:
        """Drop expired sessions and links, and attempts nobody counts any more."""


class Audit(Protocol):
    """Who did what, one record an action."""

    def add(self, record: Mapping[str, Any]) -> None: ...
    def newest_first(self) -> Iterator[Mapping[str, Any]]:
        """Every record still kept; reads no more than is taken."""


class Connections(Protocol):
    """The connections of the node: `home/connections/<name>.yaml`."""

    def names(self) -> list[str]: ...
    def get(self, name: str) -> Connection:
        """Raises NotFound with the nearest name, InvalidDefinition for a broken file."""

    def save(self, name: str, connection: Connection) -> None: ...
    def delete(self, name: str) -> None: ...


class Environments(Protocol):
    """Code environments: what was asked for, the versions that were built, their logs: `home/environments/<name>/`."""

    def names(self) -> list[str]: ...
    def definition(self, name: str) -> EnvironmentDefinition:
        """Raises NotFound with the nearest name, InvalidDefinition for a broken file."""

    def save(self, name: str, definition: EnvironmentDefinition) -> None:
        """Keep what is asked for. Raises InvalidName."""

    def delete(self, name: str) -> None: ...
    def versions(self, name: str) -> list[EnvironmentVersion]:
        """Those that are whole, newest first."""

    def version(self, name: str, id: str = "") -> EnvironmentVersion | None:
        """One of them, the current one unless told."""

    def folder(self, name: str, id: str) -> Path:
        """Where a version is built."""

    def keep(self, name: str, version: EnvironmentVersion, *, current: bool) -> None:
        """A version is whole; from now on code runs in it, if it is the current one. Facts may be kept again."""

    def drop(self, name: str, id: str) -> None: ...
    def interpreter(self, name: str, id: str) -> Path: ...
    def wheels(self, name: str, id: str) -> list[Path]:
        """The wheels a version was installed from."""

    def note_build(self, name: str, build: EnvironmentBuild) -> None: ...
    def last_build(self, name: str) -> EnvironmentBuild | None:
        """The build that runs, or the last one; one whose process is gone has failed."""

    def logs(self, name: str) -> list[str]:
        """Ids of the builds that have a log, newest first."""

    def log(self, name: str, id: str) -> Path: ...
    def turn(self, name: str, *, wait: float = 0) -> AbstractContextManager[None]:
        """Be the only one who builds, or Conflict. What a dead build left is swept away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPlugin:
    """A plugin that is installed in the home."""

    name: str
    version: str
    description: str = ""
    source: str = ""
    """The zip, or the repository and its commit."""
    installed_at: str = ""
    installed_by: str = ""


class Plugins(Protocol):
    """Plugins of the home: `home/plugins/<name>/<version>/`, on the path of every process that opens it."""

    def names(self) -> list[str]: ...
    def get(self, name: str) -> InstalledPlugin:
        """Raises NotFound with the nearest."""

    def install(self, source: PluginSource, facts: InstalledPlugin) -> None:
        """Install a version, and use it from now on in this process. Raises Conflict for the one that is in use."""

    def clone(self, repository: str, target: Path, branch: str = "") -> str:
        """Fetch a git repository into a folder; returns the commit. Raises Failed."""

    def delete(self, name: str) -> None: ...


class Blobs(Protocol):
    """Bytes by their sha256."""

    def put(self, data: bytes) -> str: ...
    def put_file(self, path: Path) -> str: ...
    def put_folder(self, path: Path) -> str:
        """A whole folder under one hash (of its sorted relative paths and contents)."""

    def get(self, hash: str) -> bytes: ...
    def path(self, hash: str) -> Path:
        """The file, or the folder, behind a hash; read only."""

    def delete(self, hash: str) -> None: ...
    def sweep(self) -> int:
        """Remove what dead processes left half-copied; returns how many files and folders."""


class NodeKeys(Protocol):
    """The key a node signs with, and those it trusts."""

    def own(self) -> NodeKey:
        """Our public key; made at the first question."""

    def sign(self, data: bytes) -> Signature: ...
    def verify(self, data: bytes, signature: Signature) -> NodeKey:
        """Who signed these bytes. Raises UnknownSigner for a key that is not trusted, UnsafeArchive for a signature
        that does not fit."""

    def trusted(self) -> list[NodeKey]:
        """The keys of other nodes that count here."""

    def trust(self, key: NodeKey, *, by: str, at: datetime) -> NodeKey:
        """Let the archives of another node in. Raises Invalid for what is no key."""

    def distrust(self, key: str) -> None:
        """Forget a trusted key, by its text or fingerprint. Raises NotFound."""


class Shipping(Protocol):
    """What the use cases below ask of the layer above them, `penstock.deploy`."""

    def fill_copy(self, project: str, key: str, *, everything: bool, by: str) -> None:
        """Put the data of a project into its fresh copy: everything, or only what no recipe makes."""

    def fill_import(self, key: str, source: IO[bytes], *, by: str) -> None:
        """Put the data that the zip of an export holds into the project that was just made of it."""

    def create_bundle(
        self, project: str, base: str, *, unique: bool, notes: str, publish: bool, as_project: str, by: str
    ) -> str:
        """Make a bundle, and publish it if asked; returns its id: `base`, or the next free number behind it."""

    def create_service_version(
        self,
        project: str,
        service: str,
        base: str,
        *,
        unique: bool,
        notes: str,
        publish: bool,
        as_service: str,
        by: str,
    ) -> str:
        """The same for a version of an API service."""

    def update_deployment(
        self, deployment: str, package: str, *, ignore_warnings: bool, full: bool, by: str,
        should_stop: Callable[[], bool],
    ) -> Update:  # fmt: skip
        """Update a deployment of the deployer, here or on a node of its own, and wait; `package`, unless it is empty,
        is the bundle or version to take first. The update may have failed. Raises NotFound, NotAllowed, Conflict."""


class Packages(Protocol):
    """Versions of API services, each one archive that never changes."""

    def put(
        self, project: str, service: str, version: str, write: Callable[[Path], ServiceVersion]
    ) -> ServiceVersion:
        """Keep what `write` puts into the file it is given, and what it says of it. Raises Conflict for an id that is
        taken; then, and when `write` raises, nothing is kept."""

    def versions(self, project: str, service: str) -> list[ServiceVersion]:
        """Newest first."""

    def version(self, project: str, service: str, version: str) -> ServiceVersion:
        """Raises NotFound with the nearest id."""

    def archive(self, project: str, service: str, version: str) -> Path:
        """The package, to be read. Raises NotFound."""

    def delete(self, project: str, service: str, version: str) -> None: ...
    def delete_project(self, project: str) -> None: ...


class Deployer(Protocol):
    """What the deployer of a home knows: definitions in git, updates and what was seen in the state."""

    def names(self, sort: DeployerSort) -> list[str]: ...
    def get(self, sort: DeployerSort, name: str) -> Any:
        """An Infrastructure, Published, Deployment or ServiceDeployment. Raises NotFound with the nearest name."""

    def save(
        self, sort: DeployerSort, name: str, definition: Definition | None, *, author: str, message: str
    ) -> str:
        """Write it, or remove it when it is None, as one commit; its id."""

    def turn(self) -> AbstractContextManager[None]:
        """Be the only one who reads a definition to change it."""

    def history(self, sort: DeployerSort, name: str) -> list[Revision]: ...
    def begin(self, update: Update) -> None:
        """A new update. Raises Conflict while another one of the deployment runs."""

    def save_update(self, update: Update) -> None: ...
    def update(self, id: str) -> Update: ...
    def updates(self, deployment: str = "", *, limit: int = 50) -> list[Update]:
        """Newest first: of one deployment, or of all."""

    def unfinished(self) -> list[Update]: ...
    def request_abort(self, id: str) -> bool:
        """Ask an update to stop; False when it has ended."""

    def abort_requested(self, id: str) -> bool: ...
    def log_path(self, id: str) -> Path: ...
    def remember(self, deployment: str, facts: Mapping[str, Any], at: datetime) -> None:
        """What was seen of a deployment, in place of what was seen before."""

    def seen(self, deployment: str = "") -> Mapping[str, tuple[Mapping[str, Any], datetime]]:
        """Deployment → what was seen of it last, and when."""

    def forget(self, deployment: str) -> None:
        """A deployment that is gone, with its history."""


class Discussions(Protocol):
    """What people say about objects, and who was meant."""

    def begin(self, discussion: Discussion, text: str) -> Discussion:
        """Keep a new one with its first reply; it gets its id."""

    def reply(self, discussion: Discussion, author: str, text: str, at: datetime) -> Discussion: ...
    def change(self, discussion: Discussion, reply: Reply, text: str, at: datetime) -> Discussion:
        """Other words for a reply; those it had are kept with it."""

    def close(self, discussion: Discussion, *, closed: bool) -> Discussion: ...
    def discussion(self, project: str, id: int) -> Discussion:
        """Raises NotFound."""

    def discussions(self, project: str, object: str = "") -> list[Discussion]:
        """Open ones first, those with the newest reply first."""

    def rename(self, project: str, old: str, new: str) -> None:
        """They are about an object (`dataset:flights`) that has another name now."""

    def delete_project(self, project: str) -> None: ...
    def notify(self, told: Iterable[Notice]) -> None: ...
    def notices(self, login: str, *, limit: int = 50) -> list[Notice]:
        """Newest first."""

    def unseen(self, login: str) -> int: ...
    def see(self, login: str) -> None:
        """All of them were seen."""


class StandardsBook(Protocol):
    """Which project standards hold on this node, and what they found last."""

    def chosen(self) -> Standards | None:
        """What somebody chose; None when nobody did. Raises InvalidDefinition for a file that cannot be read."""

    def choose(self, standards: Standards | None) -> None:
        """Keep a choice in place of the one before; None: nobody's choice any more."""

    def keep(self, project: str, report: Mapping[str, Any]) -> None:
        """The report of a project, in place of the one before."""

    def last(self, project: str) -> Mapping[str, Any] | None: ...


class Bundles(Protocol):
    """Archives of projects, and what is known of the one that is active."""

    def projects(self, side: Side) -> list[str]:
        """Keys of the projects that bundles were made of here, or came for."""

    def listed(self, project: str, side: Side) -> list[str]:
        """Ids of the bundles made here, or received; in the order they came."""

    def path(self, project: str, side: Side, id: str) -> Path:
        """The archive. Raises NotFound with the nearest id."""

    def keep(self, project: str, side: Side, id: str, file: Path) -> Path:
        """Take a finished file in, for good. Raises Conflict, and leaves the first as it is, when the id is taken."""

    def delete(self, project: str, side: Side, id: str) -> None: ...
    def work(self, project: str) -> Path:
        """A fresh folder that nobody else looks at; what dead processes left beside it is gone."""

    def forget(self, work: Path) -> None:
        """Remove a folder of `work`."""

    def folder(self, project: str, name: str) -> Path:
        """A folder of `work` by its name."""

    def turn(self, project: str, *, wait: float = 60.0) -> AbstractContextManager[None]:
        """Be the only one who activates something in a project. Raises Conflict when somebody else is for too long."""

    def record(self, project: str, name: str) -> Mapping[str, Any] | None:
        """What is noted under a name (`active`, `journal`); None when nothing is."""

    def note(self, project: str, name: str, value: Mapping[str, Any] | None) -> None:
        """Note something in one step, or forget it (None)."""

    def unfinished(self) -> list[str]:
        """Projects with an activation that went past its point of no return and did not end."""

    def delete_project(self, project: str) -> None: ...


class Writer(Protocol):
    """Turns documents into files, without a browser and without an office."""

    def markdown(self, document: Document, *, pictures: str = "") -> Markdown:
        """`pictures`: what stands before the names of picture files in the text."""

    def word(self, document: Document) -> bytes: ...
    def pdf(self, document: Document, *, paper: str = "A4") -> bytes: ...
    def fill(self, template: bytes, names: Names) -> Filled:
        """A Word template of somebody with its placeholders said, and what could not be."""
