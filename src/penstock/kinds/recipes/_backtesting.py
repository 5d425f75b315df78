"""A run of Evaluate with a forecast: what the model would have said at every row that came after those it learned."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from penstock.core import labels, metric
from penstock.core.counting import counted
from penstock.core.errors import Invalid
from penstock.core.evaluation import Evaluation, check_evaluation_id
from penstock.kinds.recipes import _forecasting, _outputs

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.core.forecasting import ForecastDesign, Forecaster
    from penstock.core.model import ModelVersion
    from penstock.kinds.recipes.evaluate import Evaluate
    from penstock.ml.later_rows import Later

FORMAT = 1
NO_DRIFT = "Drift is not computed for forecasts: their rows follow each other in time."
NOT_ESTIMATED = "Performance of forecasts is measured, never estimated."
REFUSED = {
    "skip_performance": "there is nothing else to measure",
    "skip_scoring": "the forecasts are made here",
    "api_node_logs": "logged queries do not hold what came later",
    "sampling": "series with rows left out would be wrong",
    "custom_metrics": "these are functions of single rows",
}
"""Settings of Evaluate that mean nothing for a forecast, and why."""


def evaluate(recipe: Evaluate, ctx: RecipeContext, version: ModelVersion) -> None:
    """Judge a version and write whatever outputs were asked for; nothing before all is computed."""
    from penstock.ml import forecast_file, later_rows

    _refuse(recipe)
    _outputs.wanted_ids("forecast", recipe.metrics_to_save, [])
    began = time.monotonic()
    model = forecast_file.load(ctx.models().files(version.project, version.model, version.id))
    since = _since(recipe, ctx, model.design)
    ctx.log.info(f"Evaluating {version.model}, version {version.name} ({version.id}), on {recipe.input}.")
    names = ctx.stream(recipe.input).schema.names
    table = _forecasting.rows(ctx, recipe.input, [name for name in model.design.columns if name in names])
    found = later_rows.judged(model, table, where=recipe.input, since=since)
    for each in found.doubts:
        ctx.log.warning(each.message, type=each.type)
    evaluation = _evaluation(recipe, ctx, version, found)
    detail = _detail(recipe, (version, model.forecaster), found, evaluation)
    _write(recipe, ctx, found, evaluation, {**detail, "seconds": round(time.monotonic() - began, 3)})
    ctx.log.info(
        f"{counted(len(found.test.said), 'forecast')} of {counted(len(found.test.judged), 'series', 'series')} judged "
        f"on {counted(found.rows, 'row')}."
    )


def _refuse(recipe: Evaluate) -> None:
    wrong = next((name for name in REFUSED if getattr(recipe, name)), "")
    if wrong:
        raise Invalid(
            f"`{wrong}` cannot be used with a forecast: {REFUSED[wrong]}.", hint="Leave it out of the recipe."
        )


def _since(recipe: Evaluate, ctx: RecipeContext, design: ForecastDesign) -> int | None:
    """`judged_from` as the times of the design are counted."""
    import pyarrow as pa

    from penstock.ml import time_zones

    said = ctx.expand(recipe.judged_from).strip()
    if not said:
        return None
    try:
        return int(time_zones.read(pa.array([said]), design, name="judged_from")[0])
    except Invalid as error:
        raise Invalid(
            f"judged_from: '{said}' is no date.", hint="Write it like 2024-07-01, or 2024-07-01 06:00."
        ) from error


def _evaluation(recipe: Evaluate, ctx: RecipeContext, version: ModelVersion, found: Later) -> Evaluation:
    now, measured = ctx.clock.now(), found.test.metrics
    coverage = {c["quantile"]: c["below"] for c in found.test.coverage}
    values = {
        **{metric.performance_id(code): value for code, value in measured.items()},
        **{metric.worst_id(code): value for code, value in found.test.worst.items()},
        **{metric.coverage_id(q): below for q, below in coverage.items() if q is not None},
        metric.EVALUATED_ROWS: float(found.rows),
    }
    return Evaluation(
        project=ctx.project.key, store=recipe.store or "",
        id=check_evaluation_id(ctx.expand(recipe.evaluation_id)) or ctx.clock.new_id(),
        name=ctx.expand(recipe.evaluation_name) or labels.date_text(now), created_at=now, prediction_type="forecast",
        model=version.model, version=version.id, dataset=recipe.input, rows=found.rows,
        labels=_labels(recipe, ctx, version, found),
        metrics={id: value for id, value in values.items() if value is not None},
        diagnostics=tuple(each.as_mapping() for each in found.doubts),
        main_metric=metric.performance_id(version.main_metric or "mase"), job=ctx.job,
    )  # fmt: skip


def _labels(recipe: Evaluate, ctx: RecipeContext, version: ModelVersion, found: Later) -> dict[str, str]:
    from penstock.ml import time_steps

    automatic = labels.automatic(labels.Sources(
        evaluated_at=ctx.clock.now(), dataset=recipe.input, model=version.model, version=version.name,
        algorithm=version.algorithm, trained_at=version.created_at, train_dataset=version.train_dataset,
        test_dataset=version.labels.get(labels.TEST_DATASET, version.train_dataset),
    ))  # fmt: skip
    period = {
        labels.JUDGED_FROM: time_steps.short(found.first),
        labels.JUDGED_TO: time_steps.short(found.last),
    }
    tags = labels.from_tags(ctx.project.dataset(recipe.input).tags, "evaluationDataset")
    own = {key: ctx.expand(value) for key, value in recipe.labels.items()}
    return labels.merged(automatic, tags, version.labels, own, period)


def _detail(
    recipe: Evaluate, model: tuple[ModelVersion, Forecaster], found: Later, evaluation: Evaluation
) -> dict[str, Any]:
    (v, way), design = model, found.test.design
    return {
        "format": FORMAT, "settings": recipe.to_mapping(), "design": design.to_mapping(),
        "model": {
            "full_id": v.full_id, "model": v.model, "version": v.id, "name": v.name, "algorithm": v.algorithm,
            "trained_at": v.created_at.isoformat(), "train_dataset": v.train_dataset, "train_rows": v.train_rows,
            "test_rows": v.test_rows, "features": list(design.columns), "scoring": v.scoring, "importances": None,
            "hyperparameters": way.settings(), "calibration": "none",
        },
        "task": {
            "prediction_type": "forecast", "target": design.target, "classes": [],
            "main_metric": evaluation.main_metric,
        },
        "dataset": {"name": recipe.input, "rows": found.rows, "judged": found.rows, "unlabelled": 0},
        "performance": {
            "metrics": dict(found.test.metrics), "curves": {}, "rows": found.rows, "reason": "",
            "unavailable": {k: "It has no meaning on these rows." for k, v in found.test.metrics.items() if v is None},
        },
        "estimated": {"reason": NOT_ESTIMATED}, "drift": {"error": NO_DRIFT, "reference": _reference(v)},
        "forecast": found.test.told(),
    }  # fmt: skip


def _reference(version: ModelVersion) -> dict[str, Any]:
    """What the version was judged by when it was trained."""
    return {
        "id": version.full_id,
        "description": f"the rows held back from training {version.model}, version {version.name}",
        "metrics": {metric.performance_id(code): value for code, value in version.metrics.items()},
    }


def _write(
    recipe: Evaluate, ctx: RecipeContext, found: Later, evaluation: Evaluation, detail: Mapping[str, Any]
) -> None:
    if recipe.output:
        like = ctx.stream(recipe.input).schema
        ctx.write(recipe.output, _rows(recipe, found, like))
    if recipe.metrics:
        _outputs.append(_outputs.metrics_row(evaluation, chosen=recipe.metrics_to_save), recipe.metrics, ctx)
    if recipe.store:
        ctx.keep_evaluation(evaluation, detail=detail, sample=None)


def _rows(recipe: Evaluate, found: Later, like: pa.Schema) -> pa.Table:
    """One row for each forecast and step: what was said from where, how far ahead, and what came."""
    from penstock.ml import judged_rows

    return judged_rows.table(
        found.test, like, quantiles=recipe.output_probabilities, errors=recipe.output_correctness
    )
