"""Runs of Train and Forecast with series in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from penstock.core import registry
from penstock.core.counting import counted
from penstock.core.errors import Aborted
from penstock.core.model import ModelVersion
from penstock.kinds.recipes._training import Origin, told

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.core.forecasting import ForecastDesign, Forecaster
    from penstock.ml.forecast_training import TrainedForecast

IGNORED = {
    "UNKNOWN_SERIES": "were not in the train data of the version",
    "TOO_SHORT": "have fewer rows than the window of the model",
}
"""Why series are ignored, in words."""


def train(origin: Origin) -> None:
    """Train as the forecast design says, log what looks wrong, keep the version."""
    from penstock.ml import forecast_file, forecast_training

    ctx, design = origin.ctx, _design(origin)
    forecast_training.require(design, ctx.stream(origin.input).schema.names, origin.input)
    table = rows(ctx, origin.input, design.columns)
    ctx.log.info(f"Training {origin.called} on {counted(table.num_rows, 'row')} of {origin.input}.")
    trained = forecast_training.train(
        design, table, dataset=origin.input, progress=told(ctx), should_stop=ctx.should_stop
    )
    for each in trained.diagnostics:
        ctx.log.warning(each.message, type=each.type)
    files = ctx.work / "version"
    forecast_file.save(trained, files)
    ctx.keep_version(_version(trained, files, origin), files, activate=origin.model.activation == "automatic")


def forecast(ctx: RecipeContext, version: ModelVersion, dataset: str, output: str) -> None:
    """Write the horizon of every series of a dataset behind its last row."""
    from penstock.ml import forecast_file, forecasts

    model = forecast_file.load(ctx.models().files(version.project, version.model, version.id))
    names = ctx.stream(dataset).schema.names
    table = rows(ctx, dataset, [name for name in model.design.columns if name in names])
    said = model.forecast(table, where=dataset, skip_short=True)
    for reason, words in IGNORED.items():
        ignored = [one for one in said if one.ignored == reason]
        if ignored:
            ctx.log.warning(
                f"{counted(len(ignored), 'series', 'series')} {words} and have empty forecasts: "
                f"{', '.join(ignored[0].key) or 'the only one'} is one.", type=reason.lower(),
            )  # fmt: skip
    ctx.write(output, forecasts.as_table(said, model.design, like=table.schema))
    ctx.log.info(f"Forecast {counted(len(said), 'series', 'series')}, {model.design.horizon} steps each.")


def rows(ctx: RecipeContext, dataset: str, columns: list[str] | tuple[str, ...]) -> pa.Table:
    """All rows: a series that is cut off in the middle would be wrong."""
    import pyarrow as pa

    reader, batches = ctx.stream(dataset, columns=list(columns)), []
    for batch in reader:
        if ctx.should_stop():
            raise Aborted("Stopped while reading.")
        batches.append(batch)
    return pa.Table.from_batches(batches, schema=reader.schema)


def _design(origin: Origin) -> ForecastDesign:
    """The model's forecast design; a retrain that does not search keeps the way of the active version."""
    from penstock.ml import forecast_file

    ctx, model, design = origin.ctx, origin.model, origin.model.forecast
    assert design is not None
    active = ctx.models().active(ctx.project.key, origin.called)
    if model.search_again or not active:
        return design
    before = ctx.models().version(ctx.project.key, origin.called, active)
    if before.prediction_type != "forecast":
        return design
    folder = ctx.models().files(before.project, before.model, before.id)
    winner = registry.parse("forecasters", forecast_file.read_manifest(folder).winner)
    return design.changed(forecasters=(cast("Forecaster", winner),))


def _version(trained: TrainedForecast, files: Path, origin: Origin) -> ModelVersion:
    from penstock.ml import model_file

    ctx, model = origin.ctx, trained.model
    return ModelVersion(
        project=ctx.project.key, model=origin.called, id=ctx.clock.new_id(),
        name=origin.name(model.forecaster.LABEL), created_at=ctx.clock.now(),
        created_by=str(ctx.variables.get("user", "")), prediction_type="forecast", target=model.design.target,
        algorithm=model.forecaster.LABEL, metrics=trained.metrics, main_metric=model.design.metric,
        labels=origin.labels(), diagnostics=tuple(each.as_mapping() for each in trained.diagnostics),
        train_dataset=origin.input, train_rows=trained.train_rows, test_rows=trained.test_rows,
        features=len(model.design.columns), scoring=f"{model.forecaster.LABEL} forecasts.",
        fingerprint=model_file.fingerprint(files), job=ctx.job,
    )  # fmt: skip
