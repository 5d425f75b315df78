"""Drift of one evaluation from its reference: what is computed, what could not be, and what that means for the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core.drift import DriftSettings, Possible, possible
from penstock.core.drift_report import DriftReport
from penstock.core.errors import Aborted, Failed, PenstockError
from penstock.ml import between
from penstock.ml.between import Side, Terms

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._evaluation import EvaluationRecipe
    from penstock.kinds.recipes._subject import Reference, Subject
    from penstock.ml.columns import Columns

ADVICE = "Switch fails_on_warnings off to keep the evaluation without drift."


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
    roles: Mapping[str, str] | None = None

    @property
    def metrics(self) -> dict[str, float]:
        return self.report.metrics() if self.report else {}

    @property
    def warnings(self) -> tuple[str, ...]:
        if self.error:
            return (f"Drift could not be computed: {self.error}",)
        return self.report.warnings if self.report else ()

    def detail(self) -> dict[str, Any]:
        of, can = self.reference, self.possible
        said = {"input": can.input, "prediction": can.prediction, "performance": can.performance}
        return {
            "possible": said,
            "reference": {"id": of.id, "description": of.description, "rows": of.side.rows, "metrics": dict(of.metrics)}
            if of else None,
            "roles": dict(self.roles) if self.roles is not None else None,
            "report": self.report.to_dict() if self.report else None,
            "sampled": self.sampled,
            "error": self.error,
        }  # fmt: skip


def drift(subject: Subject, current: Side, recipe: EvaluationRecipe, ctx: RecipeContext) -> Drift:
    """Compare with the reference. Raises Failed when that breaks and the recipe fails on warnings."""
    of = subject.reference
    can = possible(
        has_truth=not recipe.skip_performance, skipped_performance=recipe.skip_performance,
        has_reference=of is not None, has_prediction=subject.task is not None,
    )  # fmt: skip
    if of is None:
        return Drift(possible=can, roles=subject.roles)
    terms = _terms(subject, of, recipe)
    try:
        report = between.compared(of.side, current, terms, progress=_watch(ctx))
        sampled = between.sampled(of.side, current, terms)
    except Aborted:
        raise
    except (PenstockError, ValueError, ArithmeticError, OSError) as error:
        _fail(recipe, str(error), error)
        return Drift(possible=can, reference=of, error=str(error), roles=subject.roles)
    gap = report.score.reason if report.score and report.score.score is None else ""
    if gap:
        _fail(recipe, gap, None)
    return Drift(
        possible=can, reference=of, report=report, sampled=sampled, error=gap, roles=subject.roles
    )  # fmt: skip


def parts(subject: Subject, recipe: EvaluationRecipe, ctx: RecipeContext) -> Columns | None:
    """On Spark: profiles of all rows, each partition's made by a worker, merged a column at a time. None where this
    process profiles, and where the rows are a sample, which is drawn once."""
    if ctx.place.engine != "spark" or subject.reference is None or recipe.sampling is not None:
        return None
    if getattr(recipe, "api_node_logs", False):
        return None
    from penstock.ml.partial import SCHEMA, PartialColumns, Profiling, handling_of

    schema = ctx.read(subject.dataset).schema().to_pyarrow()
    asked = {name: how.handling for name, how in recipe.feature_handling.items() if how.handling != "auto"}
    wanted = Profiling(handling_of(schema, {**(subject.roles or {}), **asked}))
    made = ctx.mapped(subject.dataset, wanted, SCHEMA, columns=list(wanted.handling))
    ctx.log.info(f"Columns of {subject.dataset} are profiled by Spark's workers, all rows.")
    return PartialColumns(ctx.spooled(made, "profiles"), schema)


def _fail(recipe: EvaluationRecipe, why: str, cause: Exception | None) -> None:
    if recipe.fails_on_warnings:
        raise Failed(f"Drift could not be computed: {why}", hint=ADVICE) from cause


def _terms(subject: Subject, of: Reference, recipe: EvaluationRecipe) -> Terms:
    settings = DriftSettings(
        confidence_level=recipe.confidence_level, columns=recipe.feature_handling, seed=recipe.seed
    )
    return Terms(
        settings=settings, roles=subject.roles, task=subject.task, importance=subject.importance,
        description=of.description,
    )  # fmt: skip


def _watch(ctx: RecipeContext) -> Callable[[int, int, str], None]:
    def told(done: int, of: int, column: str) -> None:
        if ctx.should_stop():
            raise Aborted(f"Stopped after the drift of {done} of {of} columns.")
        ctx.progress(f"Drift of {column}", 0.7 + 0.2 * done / max(1, of))

    return told
