"""A run of Evaluate: rows through the model (or not), then everything an evaluation holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.model import ModelVersion
from penstock.core.score import MetricSettings
from penstock.kinds.recipes import (
    _api_logs,
    _assessment,
    _backtesting,
    _estimating,
    _outputs,
    _references,
    _scoring,
)
from penstock.kinds.recipes._subject import Subject
from penstock.ml import rows as on_disk
from penstock.ml import scoring, test_set
from penstock.ml.predictor import PREDICTION
from penstock.ml.task import Task

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._assessment import Assessment
    from penstock.kinds.recipes.evaluate import Evaluate
    from penstock.ml.predictor import Predictor
    from penstock.ml.rows import Rows


def evaluate(recipe: Evaluate, ctx: RecipeContext) -> None:
    """Measure a version on the rows and write whatever outputs were asked for; nothing before all is computed."""
    version = _scoring.version_of(ctx, recipe.model, recipe.version)
    if version.prediction_type == "forecast":
        _backtesting.evaluate(recipe, ctx, version)
        return
    if recipe.judged_from:
        raise Invalid(
            f"{version.model} predicts row by row, so `judged_from` says nothing: it is for forecasts.",
            hint="Leave it out, and filter the rows before.",
        )
    predictor = _scoring.opened(ctx, version)
    _outputs.wanted_ids(
        predictor.prediction_type, recipe.metrics_to_save, [m.name for m in recipe.custom_metrics]
    )
    ctx.log.info(f"Evaluating {version.model}, version {version.name} ({version.id}), on {recipe.input}.")
    rows = on_disk.required(_evaluated(recipe, version, predictor, ctx), recipe.input)
    subject = _subject(recipe, ctx, (version, predictor), rows)
    found = _assessment.assess(subject, recipe, ctx)
    _write(recipe, ctx, subject, found)


def _evaluated(recipe: Evaluate, version: ModelVersion, predictor: Predictor, ctx: RecipeContext) -> Rows:
    reader = _scored(recipe, version, predictor, ctx)
    _assessment.require_columns(recipe, reader.schema.names, recipe.input)
    done = "read" if recipe.skip_scoring else "scored"
    return on_disk.written(_scoring.watched(reader, ctx, done), ctx.work / "rows.parquet")


def _scored(
    recipe: Evaluate, version: ModelVersion, predictor: Predictor, ctx: RecipeContext
) -> pa.RecordBatchReader:
    """The rows with predictions; on Spark its workers predict."""
    if ctx.place.engine == "spark" and not recipe.api_node_logs and not recipe.skip_scoring:
        model = (version, predictor)
        asked = scoring.ScoreOptions()
        return ctx.batches(_scoring.by_workers(ctx, recipe.input, model, asked, sampling=recipe.sampling))
    reader = ctx.stream(recipe.input, sampling=recipe.sampling)
    if recipe.api_node_logs:
        reader = _api_logs.unwrapped(reader)
    if recipe.skip_scoring:
        _require_prediction(reader.schema.names, recipe)
        return reader
    return scoring.score_batches(predictor, reader, dataset=recipe.input)


def _require_prediction(names: list[str], recipe: Evaluate) -> None:
    if PREDICTION not in names:
        raise ColumnMissing(PREDICTION, dataset=recipe.input, near=names, needed_by="skip_scoring")


def _subject(
    recipe: Evaluate, ctx: RecipeContext, model: tuple[ModelVersion, Predictor], rows: Rows
) -> Subject:
    version, predictor = model
    kept = _references.kept(ctx, version)
    task = _task(predictor, rows, kept.metric_settings, kept.weight_column(rows))
    return Subject(
        dataset=recipe.input, store=recipe.store or "", rows=rows, task=task, version=version,
        reference=_references.reference(kept, task), roles=test_set.roles(predictor),
        importance=_references.importance(kept), model=_references.facts(kept),
        estimator=_estimating.of_version(kept, predictor, task) if recipe.estimate_performance else None,
    )  # fmt: skip


def _task(predictor: Predictor, rows: Rows, settings: MetricSettings, weight: str) -> Task:
    has_proba = all(name in rows.names for name in predictor.proba_columns)
    return Task(
        prediction_type=predictor.prediction_type, target=predictor.target, classes=predictor.classes,
        proba=predictor.proba_columns if has_proba else (), settings=settings, weight=weight,
    )  # fmt: skip


def _write(recipe: Evaluate, ctx: RecipeContext, subject: Subject, found: Assessment) -> None:
    if recipe.output:
        ctx.write(recipe.output, _scoring.watched(_output(recipe, subject, found), ctx, "written"))
    if recipe.metrics:
        custom = [m.name for m in recipe.custom_metrics]
        row = _outputs.metrics_row(found.evaluation, chosen=recipe.metrics_to_save, custom=custom)
        _outputs.append(row, recipe.metrics, ctx)
    if recipe.store:
        ctx.keep_evaluation(found.evaluation, detail=found.detail, sample=found.sample)


def _output(recipe: Evaluate, subject: Subject, found: Assessment) -> pa.RecordBatchReader:
    assert subject.task is not None
    hidden = set() if recipe.output_probabilities else set(subject.task.proba)
    names = [name for name in subject.rows.names if name not in hidden]
    added = _added(subject, found) if recipe.output_correctness else {}
    return _outputs.rows_with(subject.rows, names, added)


def _added(subject: Subject, found: Assessment) -> Mapping[str, pa.Array]:
    """Right or wrong, or the errors; nothing when performance was skipped."""
    if found.judged is None or found.guess is None or subject.task is None:
        return {}
    columns = _outputs.correctness if subject.task.classifies else _outputs.errors
    return columns(found.judged.everywhere, found.guess.label, found.judged.rows)
