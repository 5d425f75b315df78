"""Items of a project seen from outside: datasets, folders, models, evaluation stores, over one transport."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.analysis import ImportSettings
    from penstock.core.check import CheckResult, Judgement
    from penstock.core.dataset import Snapshot, SourceFile
    from penstock.core.drift import DriftSettings
    from penstock.core.evaluation import Evaluation
    from penstock.core.job import Job
    from penstock.core.metric import MetricValue
    from penstock.core.model import ModelVersion
    from penstock.core.schema import Column, Schema


class Transport(Protocol):
    """How a use case is reached: on this machine, later over HTTP."""

    @property
    def user(self) -> str: ...
    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any: ...


class Part:
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


class Measured(Part):
    """An item that has metrics and checks."""

    def build(self, mode: str = "only", **options: Any) -> Job:
        """Build it and wait. Raises JobFailed when the job does not end DONE."""
        settings = {"initiator": self._user, **options}
        job: Job = self._transport.call("jobs.build", self.project_key, [self.name], mode, **settings)
        return job

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

    def status(self) -> Any:
        """The worst of what its enabled checks and rules said last: `.verdict`, `.results`, `.unhealthy`."""
        return self._call("status.of_item")

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

    def lineage(self, column: str) -> Any:
        """Where a column comes from and where it goes: `.upstream`, `.downstream`, each with `.source`,
        `.source_column`, `.target`, `.target_column`, `.recipe`, `.sure`."""
        return self._call("lineage.of_column", column)

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

    def doubts(self) -> list[str]:
        """What may be wrong with how its files are read, in sentences."""
        found: list[str] = self._call("datasets.doubts")
        return found

    def select_files(self, paths: Sequence[str]) -> None:
        """Read exactly these files, in this order; one commit."""
        self._call("datasets.select_files", paths, author=self._user)

    def upload(self, files: Iterable[Path | str], *, replace: bool = False) -> list[str]:
        """Copy files to an `upload` dataset."""
        names: list[str] = self._call("datasets.upload", [Path(f) for f in files], replace=replace)
        return names

    def remove_files(self, paths: Sequence[str]) -> None:
        """Remove files of an `upload` dataset; the others stay."""
        self._call("datasets.remove_files", paths)

    def append(self, rows: Sequence[Mapping[str, Any]]) -> Snapshot:
        """Add rows to a managed dataset that no recipe writes; new columns are empty in the old rows."""
        snapshot: Snapshot = self._call("datasets.append", list(rows))
        return snapshot

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

    def promote(self, version: str = "", *, metric: str = "", margin: float = 0.0, store: str = "") -> Any:
        """Make a version (the newest one) active if it is better by a margin: `.promoted`, and `.why` or why not."""
        settings = {"metric": metric, "margin": margin, "store": store}
        return self._call("training.promote", version, by=self._user, **settings)

    def delete(self, versions: Sequence[str]) -> int:
        """Remove versions; never the active one."""
        return int(self._call("training.delete", versions))

    def version(self, id: str = "") -> ModelVersion:
        """One version; the active one when no id is given. Raises NotFound, or NoActiveVersion."""
        found: ModelVersion = self._call("training.versioned", id)
        return found

    def predict(self, rows: Any, version: str = "", *, threshold: float | None = None) -> pa.Table:
        """What the model says of rows: a pyarrow table with `proba_<class>` and `prediction`, one line a row.

        Rows are a pyarrow table or batch, a pandas data frame, or a list of mappings; the active version answers unless
        one is named. Raises ColumnMissing for a feature that is not there.
        """
        return self._call("training.predict", rows, version=version, threshold=threshold)

    def what_if(self, changes: Mapping[str, Any] | None = None, *, version: str = "") -> Mapping[str, Any]:
        """The typical train row, some cells changed: its prediction, probabilities and strongest influences."""
        found: Mapping[str, Any] = self._call("training.what_if", changes, version=version)
        return found

    def partial_dependence(self, feature: str, *, version: str = "") -> Mapping[str, Any]:
        """How the prediction moves with one feature, over the test set."""
        found: Mapping[str, Any] = self._call("training.partial_dependence", feature, version=version)
        return found

    def explanations(self, rows: int = 5, *, version: str = "") -> Mapping[str, Any]:
        """The lowest and the highest predictions of the test set, each with what made it so."""
        found: Mapping[str, Any] = self._call("training.explanations", rows=rows, version=version)
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

    def document(
        self, target: Path | str, *, version: str = "", template: Path | str | None = None
    ) -> Sequence[str]:
        """Write the document of a version to a .docx, .pdf or .md file (Markdown comes as a zip beside it).

        `template` is a .docx of yours with placeholders, filled instead of our own outline; what it asks for and nobody
        knows is removed, and returned as warnings.
        """
        if template is None:
            self._call("model_documents.write", Path(target), version=version, by=self._user)
            return ()
        made = self._call("model_documents.make", version, sources=[Path(template)], by=self._user)
        fetched: Path = self._transport.call("model_documents.fetch", self.project_key, made.id)
        Path(target).write_bytes(Path(fetched).read_bytes())
        warnings: Sequence[str] = made.warnings
        return warnings

    def card(self, target: Path | str, *, version: str = "") -> Path:
        """Write the model card of a version to a .md or .json file."""
        written: Path = self._call("model_documents.write_card", Path(target), version=version)
        return written

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

    def delete_all(self) -> int:
        """Empty the store."""
        return int(self._call("evaluations.delete_all"))

    def at_threshold(self, id: str, threshold: float) -> Mapping[str, float | None]:
        """Confusion, precision, recall, F1 and gain of a binary evaluation at another cut-off."""
        found: Mapping[str, float | None] = self._call("evaluations.at_threshold", id, threshold)
        return found

    def sample_dataset(self, id: str, dataset: str) -> Snapshot:
        """The stored drift sample as a managed dataset, made when the project does not have it."""
        snapshot: Snapshot = self._call("evaluations.export_to_dataset", id, dataset, author=self._user)
        return snapshot

    def sample(self, id: str) -> Path:
        """The Parquet file with the stored drift sample."""
        found: Path = self._call("evaluations.export_sample", id)
        return found
