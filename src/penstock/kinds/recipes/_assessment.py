"""From the rows of an evaluation to what is kept of it: performance, drift, custom metrics, warnings, labels."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import labels, metric
from penstock.core.evaluation import Evaluation, check_evaluation_id
from penstock.core.model import ModelVersion
from penstock.kinds.recipes import _custom_metrics, _drifting, _reports, _warnings
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.between import Side

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._drifting import Reference
    from penstock.kinds.recipes._evaluation import EvaluationRecipe
    from penstock.ml.rows import Rows
    from penstock.ml.task import Guessed, Judged, Task

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is evaluated, and against what."""

    dataset: str
    store: str
    rows: Rows
    task: Task | None
    """None: no predictions at all, drift of the data only."""
    reference: Reference | None
    roles: Mapping[str, str] | None = None
    """Column → how drift treats it; None: every column by its storage type."""
    importance: Mapping[str, float] | None = None
    """Feature → importance in the model; None when unknown."""
    version: ModelVersion | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    """Facts about the model, for the detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one run found."""

    evaluation: Evaluation
    detail: Mapping[str, Any]
    sample: Path
    guess: Guessed | None
    judged: Judged | None


def assess(subject: Subject, recipe: EvaluationRecipe, ctx: RecipeContext) -> Assessment:
    """Compute everything, log the warnings, keep nothing yet."""
    started = time.monotonic()
    guess, judged = _predictions(subject, recipe)
    ctx.progress("Performance", 0.5)
    performance = _performance(subject, judged, recipe)
    sample = on_disk.sample(subject.rows, limit(recipe), ctx.work / "sample.parquet", seed=recipe.seed)
    ctx.progress("Drift", 0.6)
    drift = _drifting.drift(subject, _side(subject, sample, guess), recipe, ctx)
    ctx.progress("Custom metrics", 0.9)
    custom = _custom(subject, sample, (guess, judged), recipe, ctx)
    found = _warnings.of(subject, (guess, judged), performance, (drift, custom))
    for each in found:
        ctx.log.warning(each["message"], type=each["type"])
    evaluation = _evaluation(subject, recipe, ctx, found)
    evaluation = _measured(
        evaluation, [performance.metrics, drift.metrics, custom.values], subject.rows.count
    )
    detail = {
        "format": FORMAT,
        "model": dict(subject.model),
        "task": _task_detail(subject, evaluation.main_metric),
        "dataset": _dataset_detail(subject, sample, judged),
        "settings": recipe.to_mapping(),
        "performance": performance.detail(),
        "drift": drift.detail(),
        "custom_failures": custom.failures,
        "seconds": round(time.monotonic() - started, 3),
    }
    return Assessment(evaluation=evaluation, detail=detail, sample=sample.file, guess=guess, judged=judged)


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


def _performance(subject: Subject, judged: Judged | None, recipe: EvaluationRecipe) -> _reports.Performance:
    if subject.task is None:
        return _reports.Performance(reason="There are no predictions, so there is nothing to judge.")
    if judged is None:
        return _reports.Performance(reason="Performance was skipped in this evaluation.")
    return _reports.performance(judged, subject.task)


def _custom(
    subject: Subject,
    sample: Rows,
    found: tuple[Guessed | None, Judged | None],
    recipe: EvaluationRecipe,
    ctx: RecipeContext,
) -> _custom_metrics.Measured:
    if not recipe.custom_metrics:
        return _custom_metrics.Measured()
    reference = subject.reference.side.sample if subject.reference else None
    material = _custom_metrics.Material(
        rows=_custom_metrics.arrays(subject.task, *found), current=sample.file, reference=reference
    )
    return _custom_metrics.measure(recipe.custom_metrics, material, ctx)


def _evaluation(
    subject: Subject, recipe: EvaluationRecipe, ctx: RecipeContext, found: Sequence[Mapping[str, str]]
) -> Evaluation:
    now = ctx.clock.now()
    version = subject.version
    return Evaluation(
        project=ctx.project.key, store=subject.store,
        id=check_evaluation_id(ctx.expand(recipe.evaluation_id)) or ctx.clock.new_id(),
        name=ctx.expand(recipe.evaluation_name) or labels.date_text(now), created_at=now,
        prediction_type=subject.task.prediction_type if subject.task else None,
        model=version.model if version else "", version=version.id if version else "",
        dataset=subject.dataset, rows=subject.rows.count, labels=_labels(subject, recipe, ctx),
        diagnostics=tuple(found), main_metric=_main_metric(subject), job=ctx.job,
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


def _measured(evaluation: Evaluation, parts: Sequence[Mapping[str, float]], rows: int) -> Evaluation:
    from dataclasses import replace

    together = {name: value for part in parts for name, value in part.items()}
    return replace(evaluation, metrics={**together, metric.EVALUATED_ROWS: float(rows)})


def _task_detail(subject: Subject, main_metric: str) -> dict[str, Any]:
    task = subject.task
    if task is None:
        return {"prediction_type": None}
    return {
        "prediction_type": task.prediction_type, "target": task.target, "prediction": task.prediction,
        "classes": list(task.class_names), "probabilities": list(task.proba), "threshold": task.threshold,
        "weight": task.weight, "main_metric": main_metric,
        "metric_settings": task.settings.model_dump(mode="json"),
    }  # fmt: skip


def _dataset_detail(subject: Subject, sample: Rows, judged: Judged | None) -> dict[str, Any]:
    return {
        "name": subject.dataset, "rows": subject.rows.count, "sample_rows": sample.count,
        "columns": [{"name": f.name, "type": str(f.type)} for f in subject.rows.schema],
        "judged": len(judged.truth) if judged else 0, "unlabelled": judged.unlabelled if judged else 0,
        "unknown_targets": judged.unknown if judged else {},
    }  # fmt: skip
