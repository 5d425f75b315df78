"""Drift of one evaluation from its reference: what is computed, what could not be, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.drift import DriftSettings, Possible, possible
from penstock.core.drift_report import DriftReport, PredictionDrift
from penstock.core.errors import Aborted, Failed, PenstockError
from penstock.core.score import Guess
from penstock.kinds.recipes import _rows, _task

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._assessment import Subject
    from penstock.kinds.recipes._evaluation import EvaluationRecipe
    from penstock.kinds.recipes._rows import Rows
    from penstock.kinds.recipes._task import Guessed, Task
    from penstock.ml.columns import Columns

ADVICE = "Switch fails_on_warnings off to keep the evaluation without drift."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What the evaluated rows are compared with."""

    id: str
    description: str
    sample: Path
    """Rows in Parquet: for the classifier."""
    profile: Path | None = None
    """Profiles of the drift columns over all rows; None: the sample, or `everything`, is read instead."""
    everything: Path | None = None
    """All rows in Parquet, where they are at hand."""
    rows: int
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Metric id → value on the reference: what performance drift starts from."""
    truth: np.ndarray | None = None
    guessed: Guessed | None = None
    """Predictions of all rows; None when it has none."""

    def columns(self) -> Columns:
        """All its rows, a column at a time."""
        from penstock.ml.columns import StoredColumns, columns_of

        return StoredColumns(self.profile) if self.profile else columns_of(self.everything or self.sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The outcome. Without a report, `possible` or `error` says why."""

    possible: Possible
    reference: Reference | None = None
    report: DriftReport | None = None
    """Columns and predictions on all rows."""
    sampled: Mapping[str, Any] | None = None
    """Columns and predictions on the samples, when there are more rows than that."""
    error: str = ""

    @property
    def metrics(self) -> dict[str, float]:
        return self.report.metrics() if self.report else {}

    @property
    def warnings(self) -> tuple[str, ...]:
        if self.error:
            return (f"Drift could not be computed: {self.error}",)
        return self.report.warnings if self.report else ()

    def detail(self) -> dict[str, Any]:
        of = self.reference
        return {
            "possible": {"input": self.possible.input, "prediction": self.possible.prediction,
                         "performance": self.possible.performance},
            "reference": {"id": of.id, "description": of.description, "rows": of.rows, "metrics": dict(of.metrics)}
            if of else None,
            "report": self.report.to_dict() if self.report else None,
            "sampled": self.sampled,
            "error": self.error,
        }  # fmt: skip


def drift(subject: Subject, sample: Rows, recipe: EvaluationRecipe, ctx: RecipeContext) -> Drift:
    """Compare with the reference. Raises Failed when that breaks and the recipe fails on warnings."""
    of = subject.reference
    can = possible(
        has_truth=not recipe.skip_performance, skipped_performance=recipe.skip_performance,
        has_reference=of is not None, has_prediction=subject.task is not None,
    )  # fmt: skip
    if of is None:
        return Drift(possible=can)
    settings = _settings(recipe)
    try:
        report = _computed(subject, of, sample, (settings, ctx))
    except Aborted:
        raise
    except (PenstockError, ValueError, ArithmeticError, OSError) as error:
        _fail(recipe, str(error), error)
        return Drift(possible=can, reference=of, error=str(error))
    error_text = report.score.reason if report.score and report.score.score is None else ""
    if error_text:
        _fail(recipe, error_text, None)
    return Drift(
        possible=can,
        reference=of,
        report=report,
        sampled=_sampled(subject, of, sample, settings),
        error=error_text,
    )


def _fail(recipe: EvaluationRecipe, why: str, cause: Exception | None) -> None:
    if recipe.fails_on_warnings:
        raise Failed(f"Drift could not be computed: {why}", hint=ADVICE) from cause


def _settings(recipe: EvaluationRecipe) -> DriftSettings:
    return DriftSettings(
        confidence_level=recipe.confidence_level, columns=recipe.feature_handling, seed=recipe.seed
    )


def _computed(
    subject: Subject, of: Reference, sample: Rows, how: tuple[DriftSettings, RecipeContext]
) -> DriftReport:
    """The global score on the samples; every column and the predictions on all rows."""
    from penstock.ml import drift as measures
    from penstock.ml.columns import columns_of

    settings, ctx = how
    reference = _rows.opened(of.sample)
    wanted = [*(subject.roles or {}), *settings.columns]
    score = measures.global_drift(_only(reference, wanted), _only(sample, wanted), subject.roles, settings)
    ctx.progress("Drift of columns", 0.7)
    columns = measures.univariate(
        of.columns(), columns_of(subject.rows.file), subject.roles, settings, progress=_watch(ctx)
    )
    prediction = _prediction(subject, of, settings)
    return measures.report(
        score=score,
        columns=columns,
        prediction=prediction,
        importances=subject.importance,
        reference=of.description,
    )


def _only(rows: Rows, wanted: list[str]) -> pa.Table:
    return rows.table([name for name in rows.names if name in set(wanted)])


def _watch(ctx: RecipeContext) -> Callable[[int, int, str], None]:
    def told(done: int, of: int, column: str) -> None:
        if ctx.should_stop():
            raise Aborted(f"Stopped after drift of {done} of {of} columns.")
        ctx.progress(f"Drift of {column}", 0.7 + 0.2 * done / max(1, of))

    return told


def _prediction(subject: Subject, of: Reference, settings: DriftSettings) -> PredictionDrift | None:
    from penstock.ml import drift as measures

    task = subject.task
    if task is None:
        return None
    if of.guessed is None:
        return PredictionDrift(reason="The reference has no predictions.")
    current = _task.guessed(subject.rows, task)
    return measures.prediction_drift(
        _guess(of.guessed, task), _guess(current, task), task.prediction_type, settings
    )


def _guess(found: Guessed, task: Task) -> Guess:
    """The rows that have a prediction; classes as texts."""
    proba = None if found.proba is None else found.proba[found.known]
    return Guess(label=found.label[found.known], proba=proba, classes=task.class_names)


def _sampled(subject: Subject, of: Reference, sample: Rows, settings: DriftSettings) -> dict[str, Any] | None:
    """Columns and predictions on the two samples alone; None where the samples are all there is."""
    from penstock.ml import drift as measures
    from penstock.ml.columns import columns_of

    reference = _rows.opened(of.sample)
    if sample.count == subject.rows.count and reference.count == of.rows:
        return None
    bare = settings.changed(histograms=False)
    columns = measures.univariate(columns_of(of.sample), columns_of(sample.file), subject.roles, bare)
    prediction = _sampled_prediction(subject.task, (reference, sample), bare) if of.guessed else None
    return {
        "reference_rows": reference.count, "current_rows": sample.count, "univariate": columns.to_dict(),
        "prediction": replace(prediction, densities=()).to_dict() if prediction else None,
    }  # fmt: skip


def _sampled_prediction(
    task: Task | None, sides: tuple[Rows, Rows], settings: DriftSettings
) -> PredictionDrift | None:
    from penstock.ml import drift as measures

    if task is None:
        return None
    reference, current = (_guess(_task.guessed(side, task), task) for side in sides)
    return measures.prediction_drift(reference, current, task.prediction_type, settings)
