"""Opening a version of a model, and streaming rows through it: what Score and Evaluate share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from penstock.core.counting import counted
from penstock.core.errors import Aborted, Invalid
from penstock.core.model import ModelVersion

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.ml.predictor import Predictor
    from penstock.ml.scoring import ScoreOptions


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
    from penstock.ml import model_file

    return model_file.load(ctx.models().files(version.project, version.model, version.id))


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
