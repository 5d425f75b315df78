"""A run of Standalone evaluate: rows somebody else scored, and perhaps a reference dataset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.core import metric
from penstock.core.counting import counted
from penstock.core.errors import ColumnMissing, Failed
from penstock.kinds.recipes import _assessment, _reports, _scoring
from penstock.kinds.recipes._subject import Estimator, Reference, Subject
from penstock.ml import estimation
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.between import Side
from penstock.ml.task import Task

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._assessment import Assessment
    from penstock.kinds.recipes.standalone_evaluate import StandaloneEvaluate
    from penstock.ml.rows import Rows


def evaluate(recipe: StandaloneEvaluate, ctx: RecipeContext) -> None:
    """Measure predictions that are there; drift from the reference dataset, if any."""
    ctx.log.info(f"Evaluating the predictions in {recipe.input}.")
    rows = on_disk.required(_read(recipe.input, "rows", recipe, ctx), recipe.input)
    task = _cut(_task_of(recipe, rows), rows, recipe, ctx) if recipe.has_model else None
    before = _reference_rows(recipe, ctx)
    subject = Subject(
        dataset=recipe.input, store=recipe.store, rows=rows, task=task,
        reference=_reference(recipe, task, before, ctx) if before else None, roles=_roles(recipe, rows),
        model={"name": "no model"}, estimator=_estimator(recipe, task, before),
    )  # fmt: skip
    found = _assessment.assess(subject, recipe, ctx)
    _refuse_gaps(recipe, found)
    ctx.keep_evaluation(found.evaluation, detail=found.detail, sample=found.sample)


def _read(dataset: str, name: str, recipe: StandaloneEvaluate, ctx: RecipeContext) -> Rows:
    sampling = recipe.sampling if name == "rows" else None
    reader = ctx.stream(dataset, sampling=sampling)
    if name == "rows":
        _assessment.require_columns(recipe, reader.schema.names, recipe.input)
    return on_disk.written(_scoring.watched(reader, ctx, f"read of {dataset}"), ctx.work / f"{name}.parquet")


def _task_of(recipe: StandaloneEvaluate, rows: Rows) -> Task:
    for name in _columns(recipe):
        if name not in rows.names:
            raise ColumnMissing(name, dataset=recipe.input, near=rows.names, needed_by="The evaluation")
    empty = recipe.empty_prediction
    return Task(
        prediction_type=recipe.prediction_type, target=recipe.target, prediction=recipe.prediction,
        classes=recipe.classes if recipe.prediction_type != "regression" else (),
        proba=tuple(recipe.probabilities[c] for c in recipe.classes) if recipe.probabilities else (),
        threshold=recipe.threshold, weight=recipe.weight, settings=recipe.metric_settings,
        empty_prediction=recipe.classes.index(empty) if empty else None,
    )  # fmt: skip


def _columns(recipe: StandaloneEvaluate) -> list[str]:
    """What must be there; the target is asked for where performance is computed."""
    named = [recipe.prediction, recipe.weight, *recipe.probabilities.values()]
    return [name for name in named if name]


def _cut(task: Task, rows: Rows, recipe: StandaloneEvaluate, ctx: RecipeContext) -> Task:
    """The task at the forced threshold, at the one with the best F1, or as the prediction column says."""
    if task.threshold is not None or not task.proba or task.prediction_type != "binary":
        return task
    if recipe.skip_performance:
        return task if task.prediction else replace(task, threshold=0.5)
    threshold = _best_threshold(task, rows, recipe)
    ctx.log.info(f"The threshold with the best F1 is {threshold:g}.")
    return replace(task, threshold=threshold)


def _best_threshold(task: Task, rows: Rows, recipe: StandaloneEvaluate) -> float:
    from penstock.ml import performance

    guess = tasks.guessed(rows, task, threshold=0.5)
    judged = tasks.judged(rows, task, guess, dataset=recipe.input)
    if judged.guess.proba is None or not len(judged.truth):
        return 0.5
    costs = task.settings.cost_matrix
    return performance.best_threshold(
        judged.truth, judged.guess.proba[:, 1], judged.guess.weights, "f1", costs
    )


def _roles(recipe: StandaloneEvaluate, rows: Rows) -> dict[str, str]:
    """Every column that is a feature, by its storage type; targets, predictions and weights never are."""
    from penstock.ml import columns

    source = columns.columns_of(rows.file)
    others = {recipe.target, *_columns(recipe)}
    wanted = [n for n in rows.names if n not in others]
    return {n: source.natural(n) if recipe.features.get(n, True) else "rejected" for n in wanted}


def _reference_rows(recipe: StandaloneEvaluate, ctx: RecipeContext) -> Rows | None:
    if recipe.reference is None:
        return None
    return on_disk.required(_read(recipe.reference, "reference", recipe, ctx), recipe.reference)


def _estimator(recipe: StandaloneEvaluate, task: Task | None, reference: Rows | None) -> Estimator | None:
    """Learned from the reference, where it has predictions and the truth."""
    if task is None or reference is None or not recipe.estimate_performance:
        return None
    if not all(name in reference.names for name in _columns(recipe)):
        return None
    return Estimator(learned=estimation.learn(reference, task, None))


def _reference(
    recipe: StandaloneEvaluate, task: Task | None, rows: Rows, ctx: RecipeContext
) -> Reference:  # fmt: skip
    assert recipe.reference is not None
    drawn = on_disk.sample(
        rows, _assessment.limit(recipe), ctx.work / "reference_sample.parquet", seed=recipe.seed
    )
    task = task if task and all(n in rows.names for n in _columns(recipe)) else None
    return Reference(
        id=recipe.reference, description=f"dataset {recipe.reference} ({counted(rows.count, 'row')})",
        side=Side(
            sample=drawn.file, everything=rows.file, rows=rows.count,
            guessed=tasks.guessed(rows, task) if task else None,
        ),
        truth=tasks.truth(rows, task) if task and task.target in rows.names else None,
        metrics=_reference_metrics(recipe, rows, task),
    )  # fmt: skip


def _reference_metrics(recipe: StandaloneEvaluate, rows: Rows, task: Task | None) -> dict[str, float]:
    """Performance on the reference, where it has predictions and the truth: what performance drift starts from."""
    if task is None or recipe.skip_performance or task.target not in rows.names:
        return {}
    if rows.column(task.target).null_count == rows.count:
        return {}
    judged = tasks.judged(rows, task, tasks.guessed(rows, task))
    return _reports.performance(judged, task).metrics


def _refuse_gaps(recipe: StandaloneEvaluate, found: Assessment) -> None:
    if not recipe.fails_on_metric_errors:
        return
    scores, custom = found.detail["performance"]["unavailable"], found.detail["custom_failures"]
    gaps = {metric.label(metric.performance_id(code)): why for code, why in scores.items()} | custom
    if gaps:
        said = " ".join(f"{name}: {why}" for name, why in gaps.items())
        raise Failed(f"Some metrics could not be computed. {said}", hint="Switch fails_on_metric_errors off.")
