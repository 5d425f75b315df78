"""Scoring a stream: record batches in, the same rows with predictions out, in the memory of a few batches."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from penstock.core.errors import ColumnMissing
from penstock.core.kind import Definition
from penstock.ml import explain
from penstock.ml.predictor import PREDICTION, Prediction, Predictor

EXPLANATIONS = "explanations"
BATCH_ROWS = 16_384
"""Rows prepared at a time: a matrix that stays in the processor's cache."""


class Explanations(Definition):
    """Which features moved each prediction, and by how much."""

    method: Literal["shapley", "ice"] = Field(
        default="shapley",
        description="Shapley shares the difference fairly; ice varies one feature at a time.",
    )
    most: int = Field(default=3, ge=1, le=100, description="Features per row, the strongest first.")
    samples: int = Field(default=100, ge=25, le=400, description="Monte-Carlo steps of Shapley.")
    seed: int = Field(default=1337, description="Same seed, same explanations.")


class ScoreOptions(Definition):
    """What the scored rows carry."""

    columns: tuple[str, ...] | None = Field(
        default=None, description="Input columns to keep; all when left out."
    )
    probabilities: bool = Field(default=True, description="Classification: one column per class.")
    threshold: float | None = Field(default=None, ge=0, le=1, description="Instead of the version's own.")
    explanations: Explanations | None = Field(
        default=None, description="None when left out; much slower with."
    )
    metadata: dict[str, str] = Field(
        default_factory=dict, description="Columns with the same text in every row, such as the version's id."
    )
    batch_rows: int = Field(default=BATCH_ROWS, ge=1, description="Rows at a time.")
    threads: int | None = Field(
        default=None, ge=1, description="Batches side by side; one per processor if empty."
    )


def score_batches(
    predictor: Predictor,
    reader: pa.RecordBatchReader,
    options: ScoreOptions | None = None,
    *,
    dataset: str = "the input",
) -> pa.RecordBatchReader:
    """The input rows in their order, followed by probabilities, prediction, explanations and metadata.

    Older columns of the same names are replaced. A missing used feature raises ColumnMissing at once, before
    the first row is read. Memory: a few batches, however long the stream.
    """
    options = options or ScoreOptions()
    predictor.preparation.require(reader.schema.names, dataset=dataset)
    kept = kept_columns(predictor, reader.schema.names, options, dataset=dataset)
    schema = scored_schema(predictor, reader.schema, options, kept)

    def score(batch: pa.RecordBatch) -> pa.RecordBatch:
        return scored(predictor, batch, options, schema, kept)

    batches = _in_order(score, _sliced(reader, options.batch_rows), options.threads or processors())
    return pa.RecordBatchReader.from_batches(schema, batches)


def scored(
    predictor: Predictor, batch: pa.RecordBatch, options: ScoreOptions, schema: pa.Schema, kept: list[str]
) -> pa.RecordBatch:
    """One batch with what the options add; pure."""
    matrix, ok = predictor.preparation.matrix(batch)
    prediction = predictor.predict_matrix(matrix, ok, threshold=options.threshold)
    arrays = [batch.column(name) for name in kept]
    if options.probabilities:
        arrays += proba_arrays(prediction)
    arrays.append(prediction.labels)
    if options.explanations is not None:
        arrays.append(_explanations(predictor, matrix, prediction, options.explanations))
    arrays += [pa.array([text] * batch.num_rows, pa.string()) for text in options.metadata.values()]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def proba_arrays(prediction: Prediction) -> list[pa.Array]:
    """One float column per class; null where not scored. None for regression."""
    if prediction.proba is None:
        return []
    hidden = None if prediction.scored.all() else ~prediction.scored
    return [pa.array(prediction.proba[:, k], mask=hidden) for k in range(prediction.proba.shape[1])]


def kept_columns(
    predictor: Predictor, names: Iterable[str], options: ScoreOptions, *, dataset: str = "the input"
) -> list[str]:
    """The input columns that are carried over, in their order: all or the chosen ones, but for replaced ones."""
    names = list(names)
    ours = {*predictor.proba_columns, PREDICTION, *options.metadata}
    if options.explanations is not None:
        ours.add(EXPLANATIONS)
    for name in options.columns or ():
        if name not in names:
            raise ColumnMissing(name, dataset=dataset, near=names, needed_by="The list of columns to keep")
    return [n for n in names if n not in ours and (options.columns is None or n in options.columns)]


def scored_schema(
    predictor: Predictor, schema: pa.Schema, options: ScoreOptions, kept: list[str] | None = None
) -> pa.Schema:
    """The columns of the output, known before the first row."""
    kept = kept_columns(predictor, schema.names, options) if kept is None else kept
    fields = [schema.field(name) for name in kept]
    if options.probabilities:
        fields += [pa.field(name, pa.float64()) for name in predictor.proba_columns]
    fields.append(pa.field(PREDICTION, predictor.label_type))
    if options.explanations is not None:
        fields.append(pa.field(EXPLANATIONS, pa.string()))
    return pa.schema(fields + [pa.field(name, pa.string()) for name in options.metadata])


def score_table(predictor: Predictor, table: pa.Table, options: ScoreOptions | None = None) -> pa.Table:
    """The same for a table in memory."""
    return score_batches(predictor, table.to_reader(), options).read_all()


def _explanations(
    predictor: Predictor, matrix: Any, prediction: Prediction, options: Explanations
) -> pa.Array:
    rows = explain.individual(
        predictor,
        matrix,
        prediction.place,
        method=options.method,
        most=options.most,
        samples=options.samples,
        seed=options.seed,
    )
    texts = [json.dumps({name: round(value, 6) for name, value in row}) for row in rows]
    return pc.if_else(pa.array(prediction.scored), pa.array(texts, pa.string()), pa.scalar(None, pa.string()))


def _sliced(reader: pa.RecordBatchReader, rows: int) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        for start in range(0, batch.num_rows, rows):
            yield batch.slice(start, rows)


def _in_order(work: Any, batches: Iterator[pa.RecordBatch], threads: int) -> Iterator[pa.RecordBatch]:
    """Work on a few batches side by side and give the answers in the order of the questions."""
    if threads == 1:
        yield from map(work, batches)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="score") as pool:
        waiting: deque[Future[pa.RecordBatch]] = deque()
        for batch in batches:
            waiting.append(pool.submit(work, batch))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
