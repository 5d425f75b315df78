"""Penstock from outside a recipe: in a notebook, a script, the command line. One transport verb, thin objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from penstock.core.errors import NotFound

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.check import CheckResult, Judgement
    from penstock.core.dataset import Snapshot, SourceFile
    from penstock.core.evaluation import Evaluation
    from penstock.core.job import Activity, Job
    from penstock.core.metric import MetricValue
    from penstock.core.model import ModelVersion
    from penstock.core.plan import Plan
    from penstock.core.project import Project as Definitions
    from penstock.core.schema import Schema


class Transport(Protocol):
    """How a use case is reached: on this machine, later over HTTP."""

    @property
    def user(self) -> str: ...
    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any: ...


class Home:
    """A node: its projects."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def projects(self) -> list[Any]:
        """Every project with its size, by key."""
        found: list[Any] = self._transport.call("projects.summaries")
        return found

    def project(self, key: str) -> Project:
        """One project. Raises NotFound with the nearest key."""
        keys = [p.key for p in self.projects()]
        if key not in keys:
            raise NotFound("project", key, among=keys)
        return Project(self._transport, key)

    def create_project(self, key: str, title: str = "") -> Project:
        """A new project with an empty Flow."""
        self._transport.call("projects.create", key, title=title, author=self._transport.user)
        return Project(self._transport, key)

    def add_project(self, folder: Path | str) -> Project:
        """Take a folder of project files into the node."""
        added = self._transport.call("projects.add", Path(folder), author=self._transport.user)
        return Project(self._transport, added.key)

    def delete_project(self, key: str) -> None:
        """Remove a project with its data; its definitions stay in the trash of the home."""
        self._transport.call("projects.delete", key)


class _Part:
    """Something of a project: knows how to ask about itself."""

    NOUN = ""

    def __init__(self, transport: Transport, project: str, name: str = "") -> None:
        self._transport, self.project_key, self.name = transport, project, name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.project_key}{'.' + self.name if self.name else ''})"

    def _call(self, verb: str, *arguments: Any, **settings: Any) -> Any:
        own = (self.project_key, self.name) if self.name else (self.project_key,)
        return self._transport.call(verb, *own, *arguments, **settings)

    @property
    def _user(self) -> str:
        return self._transport.user


class Measured(_Part):
    """An item that has metrics and checks."""

    def build(self, mode: str = "only", **options: Any) -> Job:
        """Build it and wait. Raises JobFailed when the job does not end DONE."""
        return Project(self._transport, self.project_key).build(self.name, mode=mode, **options)

    def compute_metrics(self) -> Any:
        """Run its probes now; returns what was computed, skipped and failed."""
        return self._call("metrics.compute")

    def metrics(self) -> dict[str, MetricValue]:
        """The latest value of every metric that has one, by id; the displayed ones first."""
        return {m.id: m.last for m in self._call("metrics.available") if m.last is not None}

    def metric_history(self, metric_id: str) -> list[MetricValue]:
        """All values of one metric, oldest first."""
        found: list[MetricValue] = self._call("metrics.history", metric_id)
        return found

    def run_checks(self, evaluation: str = "") -> list[CheckResult]:
        """Judge all enabled checks and rules on the latest values, and keep the results."""
        found: list[CheckResult] = self._call("checks.run", evaluation_id=evaluation)
        return found

    def checks(self) -> list[Any]:
        """Every check and rule with its latest result: `.name`, `.demand`, `.last`."""
        found: list[Any] = self._call("checks.latest")
        return found

    def test_check(self, definition: Mapping[str, Any], *, family: str = "checks") -> Judgement:
        """What a check (or rule) that is not saved yet would say; nothing is kept."""
        judgement: Judgement = self._call("checks.test", definition, family=family)
        return judgement

    def check_history(self, check_id: str = "") -> list[CheckResult]:
        """What the checks said, oldest first."""
        found: list[CheckResult] = self._call("checks.history", check_id)
        return found


class Dataset(Measured):
    """A dataset, seen from outside."""

    def head(self, rows: int = 10_000) -> Any:
        """The first rows: `.columns`, `.rows`, `.computed_at`, `.built_at`."""
        return self._call("datasets.head", rows)

    def columns(self) -> Schema:
        """Names, types and descriptions, as the data has them now."""
        found: Schema = self._call("datasets.columns")
        return found

    def arrow(self) -> pa.Table:
        """All rows, in memory."""
        return self._call("datasets.arrow")

    def dataframe(self) -> Any:
        """All rows as a pandas data frame; needs pandas."""
        return self.arrow().to_pandas()

    def count(self) -> int:
        """How many rows there are."""
        return int(self._call("datasets.count"))

    def snapshots(self) -> list[Snapshot]:
        """The finished writes that are still readable, newest first."""
        found: list[Snapshot] = self._call("datasets.snapshots")
        return found

    def list_files(self) -> list[tuple[SourceFile, bool]]:
        """Every file it could read, and whether it does."""
        found: list[tuple[SourceFile, bool]] = self._call("datasets.list_files")
        return found

    def select_files(self, paths: Sequence[str]) -> None:
        """Read exactly these files, in this order; one commit."""
        self._call("datasets.select_files", paths, author=self._user)

    def upload(self, files: Iterable[Path | str], *, replace: bool = False) -> list[str]:
        """Copy files to an `upload` dataset."""
        names: list[str] = self._call("datasets.upload", [Path(f) for f in files], replace=replace)
        return names

    def infer(self, *, save: bool = False) -> Schema:
        """Column types as the values suggest them; with `save`, kept in the definition."""
        found: Schema = self._call("datasets.infer", author=self._user, save=save)
        return found

    def export(self, target: Path | str) -> Path:
        """Write all rows to a csv, tsv, jsonl or parquet file."""
        written: Path = self._call("datasets.export", Path(target))
        return written

    def clear(self) -> None:
        """Empty a managed dataset."""
        self._call("datasets.clear")


class Folder(Measured):
    """A managed folder, seen from outside."""

    def files(self) -> list[SourceFile]:
        """Every file with size and time."""
        found: list[SourceFile] = self._call("folders.files")
        return found

    def open(self, path: str) -> Any:
        """A file as a stream of bytes."""
        return self._call("folders.open_file", path)

    def put(self, files: Iterable[Path | str], *, under: str = "") -> list[str]:
        """Copy files into it."""
        written: list[str] = self._call("folders.put", [Path(f) for f in files], under=under)
        return written

    def remove(self, paths: Sequence[str]) -> None:
        """Delete files."""
        self._call("folders.remove", paths)


class Model(Measured):
    """A saved model, seen from outside."""

    def versions(self) -> list[ModelVersion]:
        """All versions, newest first."""
        found: list[ModelVersion] = self._call("training.versions")
        return found

    def active(self) -> str:
        """Id of the active version, or an empty text."""
        return str(self._call("training.active"))

    def train(self) -> Job:
        """Retrain: a new version, active by itself unless the model says otherwise."""
        return self.build()

    def activate(self, version: str) -> Any:
        """Make a version the active one; returns what that changes downstream."""
        return self._call("training.activate", version, by=self._user)

    def delete(self, versions: Sequence[str]) -> int:
        """Remove versions; never the active one."""
        return int(self._call("training.delete", versions))

    def report(self, version: str = "") -> Mapping[str, Any]:
        """Everything measured at training: metrics, curves, importances, diagnostics."""
        found: Mapping[str, Any] = self._call("training.report", version)
        return found


class EvaluationStore(Measured):
    """An evaluation store, seen from outside."""

    def evaluations(self, limit: int = 50, offset: int = 0) -> list[Evaluation]:
        """The evaluations, newest first."""
        return list(self._call("evaluations.page", limit=limit, offset=offset).evaluations)

    def latest(self) -> Evaluation | None:
        """The newest evaluation."""
        newest = self.evaluations(limit=1)
        return newest[0] if newest else None

    def show(self, id: str = "") -> Any:
        """One evaluation with its curves, drift and settings; the newest when no id is given."""
        return self._call("evaluations.show", id)

    def push(self, metrics: Mapping[str, float], **settings: Any) -> Evaluation:
        """Add an evaluation made elsewhere, with any metrics."""
        kept: Evaluation = self._call("evaluations.push", metrics, **settings)
        return kept

    def rename(self, id: str, name: str) -> None:
        """Give an evaluation another name."""
        self._call("evaluations.rename", id, name)

    def label(self, id: str, key: str, value: str) -> None:
        """Set one label."""
        self._call("evaluations.set_label", id, key, value)

    def delete(self, ids: Sequence[str]) -> int:
        """Remove evaluations; `last value` becomes the newest survivor's."""
        return int(self._call("evaluations.delete", ids))

    def sample(self, id: str) -> Path:
        """The Parquet file with the stored drift sample."""
        found: Path = self._call("evaluations.export_sample", id)
        return found


class Project(_Part):
    """A project: build it, look at it, change it."""

    def __init__(self, transport: Transport, key: str) -> None:
        super().__init__(transport, key)
        self.key = key

    def definitions(self) -> Definitions:
        """Everything designed in the project, parsed."""
        found: Definitions = self._call("projects.show")
        return found

    def dataset(self, name: str) -> Dataset:
        self.definitions().dataset(name)
        return Dataset(self._transport, self.key, name)

    def folder(self, name: str) -> Folder:
        self.definitions().folder(name)
        return Folder(self._transport, self.key, name)

    def model(self, name: str) -> Model:
        self.definitions().model(name)
        return Model(self._transport, self.key, name)

    def evaluation_store(self, name: str) -> EvaluationStore:
        self.definitions().evaluation_store(name)
        return EvaluationStore(self._transport, self.key, name)

    def item(self, name: str) -> Measured:
        """The dataset, folder, model or evaluation store of that name."""
        by_type: dict[str, type[Measured]] = {
            "dataset": Dataset, "folder": Folder, "model": Model, "evaluation_store": EvaluationStore,
        }  # fmt: skip
        return by_type[self.definitions().item_type(name)](self._transport, self.key, name)

    def variables(self) -> list[Any]:
        """Every variable with its value and the level that gave it."""
        found: list[Any] = self._call("variables.levels")
        return found

    def set_variables(self, values: Mapping[str, Any], *, local: bool = False) -> None:
        """Set project variables; `local` ones stay on this node."""
        self._call("variables.assign", values, author=self._user, local=local)

    def validate(self) -> list[Any]:
        """Every problem of every file."""
        found: list[Any] = self._call("projects.validate")
        return found

    def history(self, file: str = "") -> list[Any]:
        """Commits, newest first."""
        found: list[Any] = self._call("projects.history", file)
        return found

    def diff(self, older: str, newer: str = "", file: str = "") -> str:
        """What changed between two commits, or since one."""
        return str(self._call("projects.diff", older, newer, file))

    def revert(self, commit: str, file: str = "") -> str:
        """Bring definitions back to a commit, as a new commit; returns its id."""
        return str(self._call("projects.revert", commit, author=self._user, file=file))

    def rename(self, old: str, new: str) -> str:
        """Rename an object and every reference to it, as one commit; returns its id."""
        return str(self._call("projects.rename", old, new, author=self._user))

    def status(self) -> Any:
        """What the checks say of the data and of the models."""
        return {"data": self._call("status.of_data"), "models": self._call("status.of_models")}

    def compare(self, items: Sequence[str], champion: str = "") -> Any:
        """Compare evaluations and model versions of one prediction type."""
        return self._call("evaluations.compare", list(items), champion=champion)

    def move_to_zone(self, names: Sequence[str], zone: str) -> None:
        """Move items and recipes to a zone, made when it does not exist."""
        new = zone not in self.flow().zones
        self._call("zones.move", list(names), zone, author=self._user, new=new)

    def flow(self) -> Any:
        """The Flow: `.items`, `.recipes` in build order, `.zones`, `.problems`."""
        return self._call("flow.show")

    def define(self, what: str, name: str, definition: Mapping[str, Any]) -> None:
        """Create or replace an object from plain values, as one commit."""
        self._call("projects.define", what, name, definition, author=self._user)

    def build(self, *items: str, mode: str = "only", **options: Any) -> Job:
        """Build items and wait. Raises JobFailed when the job does not end DONE, unless `no_fail=True`."""
        job: Job = self._call("jobs.build", list(items), mode, initiator=self._user, **options)
        return job

    def preview(self, *items: str, mode: str = "only", **options: Any) -> Plan:
        """What a build would run, in order, and why; nothing runs."""
        plan: Plan = self._call("jobs.preview", list(items), mode, **options)
        return plan

    def job(self, id: str) -> Job:
        """One job. Raises NotFound."""
        found: Job = self._transport.call("jobs.show", id)
        return found

    def abort(self, job: str) -> bool:
        """Ask a job to stop; False when it had ended already."""
        return bool(self._transport.call("jobs.abort", job))

    def rerun(self, job: str, **options: Any) -> Job:
        """The same build once more."""
        again: Job = self._transport.call("jobs.again", job, initiator=self._user, **options)
        return again

    def jobs(self, limit: int = 50) -> list[Job]:
        """Jobs, newest first."""
        found: list[Job] = self._transport.call("jobs.history", self.key, limit=limit)
        return found

    def activities(self, job: str) -> list[Activity]:
        """The activities of a job, in order."""
        found: list[Activity] = self._transport.call("jobs.activities", job)
        return found

    def log(self, job: str, recipe: str = "") -> str:
        """The log of a job, or of one activity only."""
        return str(self._transport.call("logs.read", job, recipe))
