"""The two datasets an evaluation writes: the rows with what was right, and one row of metrics a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.core import metric, registry
from penstock.core.errors import NotFound
from penstock.core.score import ModelTask, Score

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from penstock.core.contexts import RecipeContext
    from penstock.core.evaluation import Evaluation
    from penstock.ml.rows import Rows

CORRECT = "prediction_correct"
ERRORS = ("error", "absolute_error", "relative_error", "error_decile")
DRIFT = (
    metric.DATA_DRIFT, metric.DATA_DRIFT_P_VALUE, metric.DRIFTED_COLUMNS, metric.MIN_KS_P_VALUE,
    metric.MIN_CHI2_P_VALUE, metric.MAX_PSI, metric.PREDICTION_PSI, metric.PREDICTION_KS_P_VALUE,
    metric.PREDICTION_CHI2_P_VALUE,
)  # fmt: skip


def rows_with(rows: Rows, names: Sequence[str], added: Mapping[str, pa.Array]) -> pa.RecordBatchReader:
    """Chosen columns of the rows, then the added ones, as a stream. An added column replaces one of its name."""
    import pyarrow as pa

    kept = [name for name in names if name not in added]
    fields = [rows.schema.field(n) for n in kept] + [pa.field(n, a.type) for n, a in added.items()]
    schema = pa.schema(fields)
    return pa.RecordBatchReader.from_batches(schema, _joined(rows.reader(kept), added, schema))


def _joined(
    reader: pa.RecordBatchReader, added: Mapping[str, pa.Array], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    at = 0
    for batch in reader:
        more = [array.slice(at, batch.num_rows) for array in added.values()]
        yield pa.RecordBatch.from_arrays([*batch.columns, *more], schema=schema)
        at += batch.num_rows


def correctness(truth: np.ndarray, label: np.ndarray, judged: np.ndarray) -> dict[str, pa.Array]:
    """`prediction_correct`: null where the row has no truth or no prediction. Arrays over all rows."""
    import pyarrow as pa

    return {CORRECT: pa.array(truth == label, pa.bool_(), mask=~judged)}


def errors(truth: np.ndarray, label: np.ndarray, judged: np.ndarray) -> dict[str, pa.Array]:
    """Prediction − truth; its size; its size over the truth's; its decile, 1 the most below. Null as above."""
    import numpy as np
    import pyarrow as pa

    error = np.where(judged, label - truth, 0.0)
    size = np.abs(truth)
    divisible = judged & (size > 0)
    relative = np.divide(np.abs(error), size, out=np.zeros_like(error), where=divisible)
    cuts = np.quantile(error[judged], np.arange(1, 10) / 10) if judged.any() else np.zeros(9)
    decile = np.searchsorted(cuts, error, side="left") + 1
    arrays = (
        pa.array(error, mask=~judged), pa.array(np.abs(error), mask=~judged),
        pa.array(relative, mask=~divisible), pa.array(decile, pa.int64(), mask=~judged),
    )  # fmt: skip
    return dict(zip(ERRORS, arrays, strict=True))


def metrics_row(
    evaluation: Evaluation, *, chosen: Sequence[str] | None, custom: Sequence[str] = ()
) -> pa.Table:
    """One wide row: who, when, on what, then every metric of the prediction type, empty where not computed.

    `chosen` are metric ids, score codes, or names of these columns; None = all.
    """
    import pyarrow as pa

    e = evaluation
    head: dict[str, Any] = {
        "evaluation_id": pa.array([e.id]), "evaluation_name": pa.array([e.name]),
        "evaluated_at": pa.array([e.created_at], pa.timestamp("ms", tz="UTC")), "model": pa.array([e.model]),
        "version": pa.array([e.version]), "dataset": pa.array([e.dataset]), "rows": pa.array([e.rows], pa.int64()),
    }  # fmt: skip
    wanted = wanted_ids(e.prediction_type, chosen, custom)
    values = {column_of(i): pa.array([e.metrics.get(i)], pa.float64()) for i in wanted}
    return pa.table({**head, **values})


def wanted_ids(
    prediction_type: ModelTask | None, chosen: Sequence[str] | None, custom: Sequence[str]
) -> list[str]:
    """The ids of the metrics that get a column. Raises NotFound for a chosen one that there is not."""
    measured, expected = performance_ids(prediction_type), estimated_ids(prediction_type)
    drift = () if prediction_type == "forecast" else DRIFT
    ids = [*measured, *expected, *drift, *(metric.custom_id(name) for name in custom)]
    words = {i: {i, column_of(i), "" if i in expected else i.partition(":")[2]} - {""} for i in ids}
    known = set().union(*words.values())
    for name in chosen or ():
        if name not in known:
            raise NotFound("metric", name, among=known, where="metrics_to_save")
    return [i for i in ids if chosen is None or words[i] & set(chosen)]


def append(row: pa.Table, dataset: str, ctx: RecipeContext) -> None:
    """Add the row to the metrics dataset. Where the metrics differ from before, no row and no column is lost."""
    import pyarrow as pa

    before = ctx.previous(dataset)
    if before is None or {c.name for c in before.columns} == set(row.column_names):
        ctx.append(dataset, row)
        return
    old = ctx.arrow(ctx.read(dataset))
    ctx.write(dataset, pa.concat_tables([old, row], promote_options="permissive"))


def performance_ids(prediction_type: ModelTask | None) -> list[str]:
    """Ids of all scores of the catalogue that serve a prediction type."""
    kinds = [registry.kind("scores", name) for name in registry.names("scores")]
    scores = [k for k in kinds if issubclass(k, Score) and prediction_type in k.SERVES]
    return [metric.performance_id(k.CODE) for k in scores if k.CODE and not k.model_fields.get("code")]


def estimated_ids(prediction_type: ModelTask | None) -> list[str]:
    """Ids of the same scores as they are expected without labels; none of forecasts, which are only measured."""
    if prediction_type == "forecast":
        return []
    return [metric.estimated_id(i.partition(":")[2]) for i in performance_ids(prediction_type)]


def column_of(metric_id: str) -> str:
    """The column of a metric: auc, logLoss, data_drift, prediction_psi, custom_revenue."""
    family, _, rest = metric_id.partition(":")
    if family == "performance":
        return rest
    if family == "prediction_drift":
        return f"prediction_{rest.lower()}"
    return rest.lower() if family == "drift" else f"{family}_{rest}"
