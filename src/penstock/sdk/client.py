"""Penstock from outside a recipe: in a notebook, a script, the command line. One transport verb, thin objects."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from penstock.core.errors import NotFound

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.analysis import ImportSettings
    from penstock.core.check import CheckResult, Judgement
    from penstock.core.dataset import Snapshot, SourceFile
    from penstock.core.drift import DriftSettings
    from penstock.core.evaluation import Evaluation
    from penstock.core.job import Activity, Job
    from penstock.core.metric import MetricValue
    from penstock.core.model import ModelVersion
    from penstock.core.plan import Plan
    from penstock.core.project import Project as Definitions
    from penstock.core.schema import Column, Schema
    from penstock.core.zone import ZoneGraph


class Transport(Protocol):
    """How a use case is reached: on this machine, later over HTTP."""

    @property
    def user(self) -> str: ...
    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any: ...


class Home:
    """A node: its projects."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def keys(self) -> list[str]:
        """The key of every project."""
        found: list[str] = self._transport.call("projects.keys")
        return found

    def projects(self) -> list[Any]:
        """Every project with its size, by key; a broken one with its problem."""
        found: list[Any] = self._transport.call("projects.summaries")
        return found

    def project(self, key: str) -> Project:
        """One project. Raises NotFound with the nearest key."""
        keys = self.keys()
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

    def compute_metrics(self, *, probes: Sequence[str] | None = None) -> Any:
        """Run its probes now, all or those named: `.computed`, and `.skipped` with the reason each."""
        return self._call("metrics.compute", probes=probes)

    def available_metrics(self) -> list[Any]:
        """Every metric it has or will have: `.id`, `.label`, `.last`, `.displayed`; the displayed ones first."""
        found: list[Any] = self._call("metrics.available")
        return found

    def display_metrics(self, metric_ids: Sequence[str]) -> None:
        """Choose the metrics that are shown first, in this order; one commit."""
        self._call("metrics.display", list(metric_ids), author=self._user)

    def create_history_dataset(self, content: str = "metrics", **settings: Any) -> str:
        """Make a live dataset of its `metrics`, or of what its `checks` said; returns its name.

        Settings: `name`, `last_only`, `scope` = object or project.
        """
        return str(self._call("metrics.create_metrics_dataset", content, author=self._user, **settings))

    def metrics(self) -> dict[str, MetricValue]:
        """The latest value of every metric that has one, by id; the displayed ones first."""
        return {m.id: m.last for m in self.available_metrics() if m.last is not None}

    def metric_history(self, metric_id: str) -> list[MetricValue]:
        """All values of one metric, oldest first."""
        found: list[MetricValue] = self._call("metrics.history", metric_id)
        return found

    def run_checks(self, checks: Sequence[str] | None = None, *, evaluation: str = "") -> list[CheckResult]:
        """Judge by the latest values and keep the results: all enabled checks and rules, or those named."""
        found: list[CheckResult] = self._call("checks.run", checks=checks, evaluation_id=evaluation)
        return found

    def checks(self) -> list[Any]:
        """Every check and rule with its latest result: `.name`, `.demand`, `.last`."""
        found: list[Any] = self._call("checks.latest")
        return found

    def test_check(
        self, definition: Mapping[str, Any], *, family: str = "checks", evaluation: str = ""
    ) -> Judgement:
        """What a check, or with `family="rules"` a rule, that is not saved would say; nothing is kept."""
        judgement: Judgement = self._call("checks.test", definition, family=family, evaluation_id=evaluation)
        return judgement

    def check_history(self, check_id: str = "") -> list[CheckResult]:
        """What the checks said, oldest first."""
        found: list[CheckResult] = self._call("checks.history", check_id)
        return found


class Dataset(Measured):
    """A dataset, seen from outside."""

    def show(self) -> Any:
        """Its definition."""
        return self._call("datasets.show")

    def describe(self, columns: Sequence[Column]) -> None:
        """Write columns with types, meanings and descriptions to its definition; one commit."""
        self._call("datasets.describe", list(columns), author=self._user)

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

    def version(self, id: str = "") -> ModelVersion:
        """One version; the active one when no id is given. Raises NotFound, or NoActiveVersion."""
        found: ModelVersion = self._call("training.versioned", id)
        return found

    def what_if(self, changes: Mapping[str, Any] | None = None, *, version: str = "") -> Mapping[str, Any]:
        """The typical train row, some cells changed: its prediction, probabilities and strongest influences."""
        found: Mapping[str, Any] = self._call("training.what_if", changes, version=version)
        return found

    def partial_dependence(self, feature: str, *, version: str = "") -> Mapping[str, Any]:
        """How the prediction moves with one feature, over the test set."""
        found: Mapping[str, Any] = self._call("training.partial_dependence", feature, version=version)
        return found

    def subpopulations(self, column: str, *, version: str = "") -> Mapping[str, Any]:
        """How the model does on each value of a column of its test set."""
        found: Mapping[str, Any] = self._call("training.subpopulations", column, version=version)
        return found

    def fairness(
        self, column: str, reference: str, *, positive: str = "", version: str = ""
    ) -> Mapping[str, Any]:
        """Four fairness measures between the groups of a column; `reference` is the group others are held to."""
        return dict(self._call("training.fairness", column, reference, positive=positive, version=version))

    def import_mlflow(
        self, folder: Path | str, settings: ImportSettings, *, name: str = "", activate: bool = True
    ) -> ModelVersion:
        """Add a version from an MLflow model folder."""
        settled = {"name": name, "activate": activate, "by": self._user}
        version: ModelVersion = self._call("training.import_mlflow", Path(folder), settings, **settled)
        return version

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

    def drift(self, id: str = "", *, reference: str = "", settings: DriftSettings | None = None) -> Any:
        """The drift of an evaluation, the newest's without an id: `.report`, or `.reason` why there is none.

        With a reference (`store/id`, `model/id`) or settings it is worked out again; nothing is kept of that.
        """
        return self._call("drift.show", id, reference=reference, settings=settings)

    def push(self, metrics: Mapping[str, float], **settings: Any) -> Evaluation:
        """Add an evaluation made elsewhere, with any metrics."""
        kept: Evaluation = self._call("evaluations.push", metrics, **settings)
        return kept

    def rename(self, id: str, name: str) -> None:
        """Give an evaluation another name."""
        self._call("evaluations.rename", id, name)

    def label(self, id: str, key: str, value: str) -> None:
        """Set one label; an empty value takes it off."""
        if value:
            self._call("evaluations.set_label", id, key, value)
        else:
            self._call("evaluations.remove_label", id, key)

    def delete(self, ids: Sequence[str]) -> int:
        """Remove evaluations; `last value` becomes the newest survivor's."""
        return int(self._call("evaluations.delete", ids))

    def sample(self, id: str) -> Path:
        """The Parquet file with the stored drift sample."""
        found: Path = self._call("evaluations.export_sample", id)
        return found


class Zones(_Part):
    """The zones of a project's Flow. Each change is one commit."""

    def list(self) -> list[ZoneGraph]:
        """Every zone with what lies in it, the default one first; one entry alone: the Flow has no zones."""
        found: list[ZoneGraph] = self._call("zones.graphs")
        return found

    def create(self, name: str, *, color: str = "") -> None:
        """A new, empty zone."""
        self._call("zones.create", name, color=color, author=self._user)

    def rename(self, name: str, new: str) -> None:
        """Another name for a zone."""
        self._call("zones.rename", name, new, author=self._user)

    def recolor(self, name: str, color: str) -> None:
        """Another colour, as #rrggbb."""
        self._call("zones.recolor", name, color, author=self._user)

    def delete(self, name: str) -> None:
        """Delete a zone; what lay in it falls back into the default one."""
        self._call("zones.delete", name, author=self._user)

    def move(self, names: Sequence[str], to: str, *, new: bool = False) -> None:
        """Move items and recipes to a zone, made first when `new`. A recipe and its outputs go together."""
        self._call("zones.move", [*names], to, new=new, author=self._user)

    def share(self, item: str, into: str) -> None:
        """Show an item of one zone in another too."""
        self._call("zones.share", item, into, author=self._user)

    def unshare(self, item: str, from_zone: str) -> None:
        """No longer show an item in a zone it does not lie in."""
        self._call("zones.unshare", item, from_zone, author=self._user)


class Project(_Part):
    """A project: build it, look at it, change it."""

    def __init__(self, transport: Transport, key: str) -> None:
        super().__init__(transport, key)
        self.key = key

    def definitions(self) -> Definitions:
        """Everything designed in the project, parsed."""
        found: Definitions = self._call("projects.show")
        return found

    def create_dataset(self, name: str, files: Iterable[Path | str]) -> Dataset:
        """Upload files as a new dataset; format and columns are detected, texts stay texts until inferred."""
        self._call("datasets.create", name, [Path(f) for f in files], author=self._user)
        return Dataset(self._transport, self.key, name)

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

    def unset_variables(self, names: Sequence[str], *, local: bool = False) -> None:
        """Take project variables away."""
        self._call("variables.remove", list(names), author=self._user, local=local)

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

    @property
    def zones(self) -> Zones:
        return Zones(self._transport, self.key)

    def flow(self) -> Any:
        """The Flow: `.items`, `.recipes` in build order, `.zones`, `.problems`."""
        return self._call("flow.show")

    def define(self, what: str, name: str, definition: Mapping[str, Any]) -> None:
        """Create or replace an object from plain values, as one commit."""
        self._call("projects.define", what, name, definition, author=self._user)

    def remove(self, name: str) -> None:
        """Delete an object's or a recipe's definition, as one commit; refused while something names it."""
        loaded = self.definitions()
        what = "recipe" if name in loaded.recipes else loaded.item_type(name)
        self._call("projects.remove", what, name, author=self._user)

    def build(self, *items: str, mode: str = "only", **options: Any) -> Job:
        """Build items (or recipes, `zone:NAME`, `*`) and wait.

        Raises JobFailed or Aborted unless the job ends DONE or `no_fail=True`. Options: `without` (recipes),
        `stop_at_zone`, `update_schemas`, `variables` (for this job alone), `watch` (told what happens).
        """
        job: Job = self._call("jobs.build", list(items), mode, initiator=self._user, **options)
        return job

    def start(self, *items: str, mode: str = "only", **options: Any) -> Any:
        """Like `build`, without waiting: `.job`, and `.wait()` gives the job once it has ended."""
        return self._call("jobs.start", list(items), mode, initiator=self._user, **options)

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

    def follow(self, job: str, recipe: str = "", *, pause: float = 0.5) -> Iterator[str]:
        """What the log holds, then what is added to it until the job has ended; looks every `pause` seconds."""
        seen = 0
        while True:
            ended = self.job(job).state.final
            for piece in self._transport.call("logs.pieces", job, recipe, start=seen):
                seen += len(piece.encode())
                yield piece
            if ended:
                return
            time.sleep(pause)
