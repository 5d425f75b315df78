"""From the rows of an evaluation to what is kept of it: performance, drift, custom metrics, warnings, labels."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import labels, metric
from penstock.core.errors import ColumnMissing
from penstock.core.evaluation import Evaluation, check_evaluation_id
from penstock.kinds.recipes import _custom_metrics, _drifting, _estimating, _reports, _warnings
from penstock.kinds.recipes._custom_metrics import Measured
from penstock.kinds.recipes._reports import Performance
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.between import Side

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._drifting import Drift
    from penstock.kinds.recipes._evaluation import EvaluationRecipe
    from penstock.kinds.recipes._subject import Subject
    from penstock.ml.estimates import Estimates
    from penstock.ml.rows import Rows
    from penstock.ml.task import Guessed, Judged

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one run found."""

    evaluation: Evaluation
    detail: Mapping[str, Any]
    sample: Path
    guess: Guessed | None
    judged: Judged | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """Everything that was computed, before it is put together."""

    sample: Rows
    judged: Judged | None
    performance: Performance
    estimated: Estimates
    drift: Drift
    custom: Measured

    @property
    def metrics(self) -> dict[str, float]:
        told = _estimating.metrics(self.estimated)
        return {**self.performance.metrics, **told, **self.drift.metrics, **self.custom.values}


def assess(subject: Subject, recipe: EvaluationRecipe, ctx: RecipeContext) -> Assessment:
    """Compute everything, log the warnings, keep nothing yet."""
    begun, started = _begun(subject, recipe, ctx), time.monotonic()
    guess, judged = _predictions(subject, recipe)
    _tell(subject, guess, judged, ctx)
    found = _findings(subject, (guess, judged), recipe, ctx)
    warnings = _warnings.of(subject, (guess, judged), found.performance, (found.drift, found.custom))
    warnings += _estimating.warnings(found.estimated)
    for each in warnings:
        ctx.log.warning(each["message"], type=each["type"])
    metrics = {**found.metrics, metric.EVALUATED_ROWS: float(subject.rows.count)}
    evaluation = replace(begun, metrics=metrics, diagnostics=tuple(warnings))
    detail = {**_detail(subject, found, recipe), "seconds": round(time.monotonic() - started, 3)}
    return Assessment(
        evaluation=evaluation, detail=detail, sample=found.sample.file, guess=guess, judged=judged
    )  # fmt: skip


def require_columns(recipe: EvaluationRecipe, names: Sequence[str], dataset: str) -> None:
    """Raise ColumnMissing for a column of `feature_handling` that the rows do not have; before any is scored."""
    for name in recipe.feature_handling:
        if name not in names:
            raise ColumnMissing(name, dataset=dataset, near=names, needed_by="feature_handling")


def _findings(
    subject: Subject,
    predicted: tuple[Guessed | None, Judged | None],
    recipe: EvaluationRecipe,
    ctx: RecipeContext,
) -> _Findings:
    guess, judged = predicted
    ctx.progress("Performance", 0.5)
    performance = _performance(subject, judged)
    estimated = _estimating.estimated(subject, guess, recipe, ctx)
    sample = on_disk.sample(subject.rows, limit(recipe), ctx.work / "sample.parquet", seed=recipe.seed)
    ctx.progress("Drift", 0.6)
    side = replace(_side(subject, sample, guess), parts=_drifting.parts(subject, recipe, ctx))
    drift = _drifting.drift(subject, side, recipe, ctx)
    ctx.progress("Custom metrics", 0.9)
    custom = _custom(subject, sample, predicted, (recipe, ctx))
    return _Findings(
        sample=sample, judged=judged, performance=performance, estimated=estimated, drift=drift, custom=custom
    )  # fmt: skip


def _tell(subject: Subject, guess: Guessed | None, judged: Judged | None, ctx: RecipeContext) -> None:
    rows = subject.rows.count
    if guess is not None and not guess.known.all():
        ctx.log.info(f"{int((~guess.known).sum()):,} of {rows:,} rows have no prediction.")
    if judged is not None and judged.unlabelled:
        ctx.log.info(
            f"{judged.unlabelled:,} of {rows:,} rows have no ground truth; metrics look at the others."
        )


def _side(subject: Subject, sample: Rows, guess: Guessed | None) -> Side:
    """The evaluated rows as one side of a comparison."""
    return Side(sample=sample.file, rows=subject.rows.count, everything=subject.rows.file, guessed=guess)


def limit(recipe: EvaluationRecipe) -> on_disk.Limit | None:
    asked = recipe.drift_limit
    return on_disk.Limit(asked.rows, asked.megabytes) if asked else None


def _predictions(subject: Subject, recipe: EvaluationRecipe) -> tuple[Guessed | None, Judged | None]:
    if subject.task is None:
        return None, None
    guess = tasks.guessed(subject.rows, subject.task)
    if recipe.skip_performance:
        return guess, None
    return guess, tasks.judged(subject.rows, subject.task, guess, dataset=subject.dataset)


def _performance(subject: Subject, judged: Judged | None) -> Performance:
    if subject.task is None:
        return Performance(reason="There are no predictions, so there is nothing to judge.")
    if judged is None:
        return Performance(reason="Performance was skipped in this evaluation.")
    return _reports.performance(judged, subject.task)


def _custom(
    subject: Subject, sample: Rows, predicted: tuple[Guessed | None, Judged | None],
    run: tuple[EvaluationRecipe, RecipeContext],
) -> Measured:  # fmt: skip
    recipe, ctx = run
    if not recipe.custom_metrics:
        return Measured()
    material = _custom_metrics.Material(
        rows=_custom_metrics.arrays(subject.task, *predicted), current=sample.file,
        reference=subject.reference.side.sample if subject.reference else None,
    )  # fmt: skip
    model = ctx.project.models.get(subject.version.model) if subject.version else None
    chosen = model.code_environment if model else ""
    return _custom_metrics.measure(recipe.custom_metrics, material, ctx, chosen)


def _begun(subject: Subject, recipe: EvaluationRecipe, ctx: RecipeContext) -> Evaluation:
    """Who, when and on what; an id or label that cannot be is refused before anything is computed."""
    now, version = ctx.clock.now(), subject.version
    return Evaluation(
        project=ctx.project.key, store=subject.store,
        id=check_evaluation_id(ctx.expand(recipe.evaluation_id)) or ctx.clock.new_id(),
        name=ctx.expand(recipe.evaluation_name) or labels.date_text(now), created_at=now,
        prediction_type=subject.task.prediction_type if subject.task else None,
        model=version.model if version else "", version=version.id if version else "",
        dataset=subject.dataset, rows=subject.rows.count, labels=_labels(subject, recipe, ctx),
        main_metric=_main_metric(subject), job=ctx.job,
    )  # fmt: skip


def _labels(subject: Subject, recipe: EvaluationRecipe, ctx: RecipeContext) -> dict[str, str]:
    version = subject.version
    carried = version.labels if version else {}
    automatic = labels.automatic(
        labels.Sources(
            evaluated_at=ctx.clock.now(), dataset=subject.dataset, model=version.model if version else "",
            version=version.name if version else "", algorithm=version.algorithm if version else "",
            trained_at=version.created_at if version else None,
            train_dataset=version.train_dataset if version else "",
            test_dataset=carried.get(labels.TEST_DATASET, version.train_dataset if version else ""),
        )
    )  # fmt: skip
    tags = labels.from_tags(ctx.project.dataset(subject.dataset).tags, "evaluationDataset")
    own = {key: ctx.expand(value) for key, value in recipe.labels.items()}
    return labels.merged(automatic, tags, carried, own)


def _main_metric(subject: Subject) -> str:
    if subject.version and subject.version.main_metric:
        return metric.performance_id(subject.version.main_metric)
    defaults = {"binary": "auc", "multiclass": "mrocAUC", "regression": "r2"}
    task = subject.task
    return metric.performance_id(defaults[task.prediction_type]) if task else metric.DATA_DRIFT


def _detail(subject: Subject, found: _Findings, recipe: EvaluationRecipe) -> dict[str, Any]:
    return {
        "format": FORMAT, "model": dict(subject.model), "task": _task_detail(subject),
        "dataset": _dataset_detail(subject, found.sample, found.judged), "settings": recipe.to_mapping(),
        "performance": found.performance.detail(), "estimated": found.estimated.detail(), "drift": found.drift.detail(),
        "custom_failures": found.custom.failures,
    }  # fmt: skip


def _task_detail(subject: Subject) -> dict[str, Any]:
    task, version = subject.task, subject.version
    if task is None:
        return {"prediction_type": None}
    own = version.threshold if version else None
    return {
        "prediction_type": task.prediction_type, "target": task.target, "prediction": task.prediction,
        "classes": list(task.class_names), "probabilities": list(task.proba),
        "threshold": own if task.threshold is None else task.threshold,
        "threshold_decides": task.threshold is not None, "weight": task.weight,
        "main_metric": _main_metric(subject), "metric_settings": task.settings.model_dump(mode="json"),
    }  # fmt: skip


def _dataset_detail(subject: Subject, sample: Rows, judged: Judged | None) -> dict[str, Any]:
    return {
        "name": subject.dataset, "rows": subject.rows.count, "sample_rows": sample.count,
        "columns": [{"name": f.name, "type": str(f.type)} for f in subject.rows.schema],
        "judged": len(judged.truth) if judged else 0, "unlabelled": judged.unlabelled if judged else 0,
        "unknown_targets": judged.unknown if judged else {},
    }  # fmt: skip
