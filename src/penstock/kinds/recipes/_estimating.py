"""Performance that is expected without labels: from what a version, or a reference dataset, has learned of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core import metric
from penstock.kinds.recipes._subject import Estimator, Subject
from penstock.ml import estimation, test_set
from penstock.ml import rows as on_disk
from penstock.ml.estimates import METHODS, Estimates

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes._evaluation import EvaluationRecipe
    from penstock.kinds.recipes._references import Kept
    from penstock.ml.predictor import Predictor
    from penstock.ml.task import Guessed, Task

MOST_OUTSIDE = 0.1
"""Share of rows with predictions that the reference has none of, above which an estimate is doubted."""


def of_version(kept: Kept, predictor: Predictor, task: Task) -> Estimator | None:
    """What a version learned from its test set; of an older version it is learned from the test rows it keeps."""
    learned = estimation.read(kept.folder)
    if learned is None and test_set.is_kept(kept.folder):
        learned = estimation.learn(on_disk.opened(kept.folder / test_set.TEST), task, predictor)
    return Estimator(learned=learned, predictor=predictor) if learned else None


def estimated(
    subject: Subject, guess: Guessed | None, recipe: EvaluationRecipe, ctx: RecipeContext
) -> Estimates:  # fmt: skip
    """What every score is expected to be. Never fails a run: what cannot be estimated says why."""
    if not recipe.estimate_performance:
        return Estimates(reason="Estimates are switched off in this evaluation.")
    if subject.task is None or guess is None:
        return Estimates(reason="There are no predictions to estimate the performance of.")
    if subject.estimator is None:
        return Estimates(reason="There is no reference with predictions and ground truth to learn from.")
    of = subject.estimator
    found = estimation.estimate(
        of.learned, subject.rows, subject.task, guess, of.predictor, confidence=recipe.confidence_level
    )
    if found.method is not None:
        ctx.log.info(f"Estimated without labels ({METHODS[found.method]}): {_said(found)}.")
    return found


def metrics(found: Estimates) -> dict[str, float]:
    """Metric id → value: each estimate and the ends of its band."""
    told: dict[str, float] = {}
    for code, one in found.scores.items():
        told[metric.estimated_id(code)] = one.value
        told[metric.estimated_id(code, "lower")] = one.lower
        told[metric.estimated_id(code, "upper")] = one.upper
    return told


def warnings(found: Estimates) -> list[dict[str, str]]:
    """Where an estimate should not be believed."""
    if found.method is None or found.outside is None or found.outside <= MOST_OUTSIDE:
        return []
    message = (
        f"{found.outside:.0%} of the rows have predictions that no row of the reference has: the estimated performance "
        "is a guess there."
    )
    return [{"type": "estimate_unreliable", "group": "evaluation", "message": message}]


def _said(found: Estimates) -> str:
    return ", ".join(
        f"{metric.label(metric.performance_id(code))} {one.value:.4g} ({one.lower:.4g} to {one.upper:.4g})"
        for code, one in found.scores.items()
    )
