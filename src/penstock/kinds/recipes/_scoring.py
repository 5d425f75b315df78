"""Opening a version of a model, and streaming rows through it: what Score and Evaluate share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from penstock.core.counting import counted
from penstock.core.errors import Aborted, Invalid
from penstock.core.labels import date_text
from penstock.core.model import ModelVersion

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.kinds.recipes.score import Score
    from penstock.ml.predictor import Predictor
    from penstock.ml.scoring import ScoreOptions

MODEL, VERSION, SCORED_AT = "model_name", "model_version", "scored_at"


def score(recipe: Score, ctx: RecipeContext) -> None:
    """Stream the input through the model into the output."""
    version = version_of(ctx, recipe.model, recipe.version)
    predictor = opened(ctx, version)
    refuse_threshold(recipe.threshold, version)
    ctx.log.info(f"Scoring {recipe.input} with {version.model}, version {version.name} ({version.id}).")
    options = _options(recipe, version, ctx)
    needed = _needed(recipe, predictor, ctx)
    if ctx.place.engine == "spark":
        ctx.write(recipe.output, by_workers(ctx, recipe.input, (version, predictor), options, columns=needed))
        return
    from penstock.ml.scoring import score_batches

    scored = score_batches(predictor, ctx.stream(recipe.input, columns=needed), options, dataset=recipe.input)
    ctx.write(recipe.output, watched(scored, ctx, "scored"))


def by_workers(
    ctx: RecipeContext,
    dataset: str,
    model: tuple[ModelVersion, Predictor],
    options: ScoreOptions,
    *,
    sampling: Any = None,
    columns: list[str] | None = None,
) -> Any:
    """The scored rows, computed by the workers of the engine with the same predictor, which each opens once."""
    from penstock.ml import scoring
    from penstock.ml.shipping import Scoring, Shipment

    version, predictor = model
    table = ctx.read(dataset)
    schema = (table.select(*columns) if columns is not None else table).schema().to_pyarrow()
    predictor.preparation.require(schema.names, dataset=dataset)
    kept = scoring.kept_columns(predictor, schema.names, options, dataset=dataset)
    files = ctx.models().files(version.project, version.model, version.id)
    work = Scoring(Shipment.of(files), options, dataset)
    scored = scoring.scored_schema(predictor, schema, options, kept)
    return ctx.mapped(dataset, work, scored, sampling=sampling, columns=columns)


def version_of(ctx: RecipeContext, model: str, id: str) -> ModelVersion:
    """The chosen version, or the active one. Raises NoActiveVersion, or NotFound."""
    owner, name = ctx.project.home_of(model)
    return ctx.models().version(owner, name, ctx.expand(id))


def opened(ctx: RecipeContext, version: ModelVersion) -> Predictor:
    """The predictor of a version; nothing in its files runs."""
    from penstock.ml import predictor

    return predictor.open(ctx.models().files(version.project, version.model, version.id))


def refuse_threshold(threshold: float | None, version: ModelVersion) -> None:
    """Raise Invalid when a threshold is forced on a model that has none."""
    if threshold is not None and version.prediction_type != "binary":
        raise Invalid(
            f"A threshold only means something for two classes; {version.model} is {version.prediction_type}.",
            hint="Leave threshold out.",
        )


def watched(reader: pa.RecordBatchReader, ctx: RecipeContext, done: str) -> pa.RecordBatchReader:
    """The same batches, telling how far they are, and ending with Aborted once somebody stops the job."""
    import pyarrow as pa

    return pa.RecordBatchReader.from_batches(reader.schema, _watched(reader, ctx, done))


def _watched(reader: pa.RecordBatchReader, ctx: RecipeContext, done: str) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in reader:
        if ctx.should_stop():
            raise Aborted(f"Stopped after {counted(rows, 'row')} {'was' if rows == 1 else 'were'} {done}.")
        yield batch
        rows += batch.num_rows
        ctx.progress(f"{counted(rows, 'row')} {done}")
    ctx.log.info(f"{counted(rows, 'row')} {done}.")


def _needed(recipe: Score, predictor: Predictor, ctx: RecipeContext) -> list[str] | None:
    if recipe.columns is None:
        return None
    wanted = {*recipe.columns, *predictor.features}
    present = list(ctx.read(recipe.input).columns)
    return [name for name in present if name in wanted] or present[:1]


def _options(recipe: Score, version: ModelVersion, ctx: RecipeContext) -> ScoreOptions:
    from penstock.ml import scoring

    asked = recipe.explanations
    explanations = asked and scoring.Explanations(
        method=asked.method, most=asked.number, samples=asked.steps, seed=asked.seed
    )
    said = {MODEL: version.model, VERSION: version.id, SCORED_AT: date_text(ctx.clock.now())}
    return scoring.ScoreOptions(
        columns=recipe.columns, probabilities=recipe.output_probabilities, threshold=recipe.threshold,
        explanations=explanations, metadata=said if recipe.output_model_metadata else {},
    )  # fmt: skip
