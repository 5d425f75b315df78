"""A run of Train: rows to a model, and the model to a version with everything that must stay with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core import labels
from penstock.core.counting import counted
from penstock.core.design import DEFAULT_ROWS, Design
from penstock.core.errors import Invalid, NotFound
from penstock.core.model import ModelVersion, SavedModel
from penstock.kinds.recipes import _references

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from penstock.core.algorithm import Algorithm
    from penstock.core.contexts import RecipeContext
    from penstock.ml.train import TrainedModel


@dataclass(frozen=True, slots=True)
class Origin:
    """What a version is made of and for: rows, and a model. Its name and labels say so."""

    ctx: RecipeContext
    called: str
    """The model, as the recipe names it."""
    input: str
    test: str | None

    @property
    def model(self) -> SavedModel:
        return self.ctx.project.model(self.called)

    def files(self, trained: TrainedModel) -> Path:
        folder = self.ctx.work / "version"
        _references.write(trained, folder)
        return folder

    def version(self, trained: TrainedModel, files: Path) -> ModelVersion:
        from penstock.ml import model_file

        ctx, report, predictor = self.ctx, trained.report, trained.predictor
        return ModelVersion(
            project=ctx.project.key, model=self.called, id=ctx.clock.new_id(),
            name=self.name(trained.predictor.algorithm),
            created_at=ctx.clock.now(), created_by=str(ctx.variables.get("user", "")),
            prediction_type=predictor.prediction_type, target=predictor.target, algorithm=predictor.algorithm,
            classes=predictor.class_names, threshold=predictor.threshold,
            metrics={code: value for code, value in report.performance.items() if value is not None},
            main_metric=report.main_metric, labels=self.labels(),
            diagnostics=tuple(each.as_mapping() for each in report.diagnostics),
            train_dataset=self.input, train_rows=report.train_rows, test_rows=report.test_rows,
            features=len(report.features), scoring=predictor.scoring, fingerprint=model_file.fingerprint(files),
            job=ctx.job,
        )  # fmt: skip

    def name(self, algorithm: str) -> str:
        """What a new version is called: the model's words or the algorithm, and its number."""
        number = len(self.ctx.models().versions(self.ctx.project.key, self.called)) + 1
        base = self.ctx.expand(self.model.version_name) or algorithm
        return f"{base} - v{number}"

    def labels(self) -> dict[str, str]:
        """Where it comes from, and what the model adds."""
        test = self.test or self.input
        own = {key: self.ctx.expand(value) for key, value in self.model.version_labels.items()}
        return labels.merged(
            {labels.TRAIN_DATASET: self.input, labels.TEST_DATASET: test},
            labels.from_tags(self._tags(self.input), "trainDataset"),
            labels.from_tags(self._tags(test), "testDataset"),
            labels.prefixed(own, "model"),
        )

    def _tags(self, dataset: str) -> tuple[str, ...]:
        return self.ctx.project.dataset(dataset).tags


def train(origin: Origin) -> None:
    """Train as designed, log what looks wrong, keep the version; activate it unless that is done by hand."""
    from penstock.ml import train as training

    ctx, design = origin.ctx, _design(origin)
    table = _table(origin.input, design, ctx)
    ctx.log.info(f"Training {origin.called} on {counted(table.num_rows, 'row')} of {origin.input}.")
    trained = training.train(
        design, table, test=_test(origin, design), progress=told(ctx), should_stop=ctx.should_stop
    )
    for each in trained.diagnostics:
        ctx.log.warning(each.message, type=each.type)
    files = origin.files(trained)
    version = origin.version(trained, files)
    ctx.keep_version(version, files, activate=origin.model.activation == "automatic")


def told(ctx: RecipeContext) -> Callable[[str, float | None], None]:
    """Progress goes to whoever watches, and each new sentence to the log."""
    said: list[str] = []

    def tell(message: str, fraction: float | None) -> None:
        if message not in said[-1:]:
            ctx.log.info(message)
            said.append(message)
        ctx.progress(message, fraction)

    return tell


def _table(dataset: str, design: Design, ctx: RecipeContext) -> pa.Table:
    """The rows the design looks at: its sampling, or the first 100,000."""
    import pyarrow as pa

    from penstock.ml.design import require

    reader = ctx.stream(dataset, sampling=design.sampling)
    require(design, reader.schema.names, dataset)
    if design.sampling is not None:
        return reader.read_all()
    return pa.Table.from_batches(_first(reader, DEFAULT_ROWS), schema=reader.schema)


def _first(reader: pa.RecordBatchReader, rows: int) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        yield batch.slice(0, rows)
        rows -= batch.num_rows
        if rows <= 0:
            return


def _test(origin: Origin, design: Design) -> pa.Table | None:
    if design.split.type != "explicit":
        return None
    if origin.test is None:
        raise Invalid(
            f"The split of {origin.called} is explicit, but its train recipe names no test dataset.",
            hint="Set `test`, or choose another split in the design.",
        )
    return _table(origin.test, design, origin.ctx)


def _design(origin: Origin) -> Design:
    """The model's design; what a retrain must not decide anew comes from the active version."""
    ctx, model = origin.ctx, origin.model
    if model.design is None:
        raise Invalid(
            f"Model {origin.called} has no design, so there is nothing to train.",
            hint=f"Write one in flow/models/{origin.called}.yaml; its target is enough.",
        )
    design = _with_code(model.design, ctx)
    active = ctx.models().active(ctx.project.key, origin.called)
    if not active:
        return design
    before = ctx.models().version(ctx.project.key, origin.called, active)
    if not model.search_again:
        winner = _references.kept(ctx, before).winner
        design = design.changed(algorithms=(winner,)) if winner else design
    if not model.threshold_again and before.threshold is not None:
        design = design.changed(threshold=before.threshold)
    return design


def _with_code(design: Design, ctx: RecipeContext) -> Design:
    """Algorithms whose code lies in a file of the project library get it read."""
    read = tuple(_read(algorithm, ctx.project.path / "lib") for algorithm in design.algorithms)
    return design.changed(algorithms=read) if read != design.algorithms else design


def _read(algorithm: Algorithm, library: Path) -> Algorithm:
    file = str(getattr(algorithm, "file", ""))
    if not file or getattr(algorithm, "code", None):
        return algorithm
    path = (library / file).resolve()
    if not path.is_relative_to(library.resolve()) or not path.is_file():
        raise NotFound("file", file, where="the project library", hint="Paths are relative to lib/.")
    return algorithm.changed(code=path.read_text(encoding="utf-8"))
