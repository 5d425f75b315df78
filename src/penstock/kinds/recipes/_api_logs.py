"""Queries logged by an API node, as the rows that were asked and the answers that were given.

A logged row holds features under `message.features.*` (or `message.feature.*`) and results under `message.result.*`,
as flat columns or as nested objects. A result wins over a feature of the same name. Other columns (a label joined
later) stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.core.errors import Invalid

if TYPE_CHECKING:
    import pyarrow as pa

FEATURES, RESULT = ("message.features.", "message.feature."), "message.result."
NESTED_PROBABILITIES = ("probas.", "probabilities.")


def unwrapped(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """The same rows with columns called as the model calls them. Raises Invalid when no feature was logged."""
    import pyarrow as pa

    flat = _flat(reader.schema.empty_table())
    if not any(name.startswith(FEATURES) for name in flat.column_names):
        raise Invalid(
            "These rows are no logs of an API node: no column starts with message.features.",
            hint="Switch api_node_logs off.",
        )
    return pa.RecordBatchReader.from_batches(_renamed(flat).schema, _batches(reader))


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in reader:
        yield from _renamed(_flat(pa.Table.from_batches([batch]))).combine_chunks().to_batches()


def _flat(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _renamed(table: pa.Table) -> pa.Table:
    names = table.column_names
    rest = {name: name for name in names if not name.startswith("message.")}
    features = {name.split(".", 2)[2]: name for name in names if name.startswith(FEATURES)}
    results = {_result(name.removeprefix(RESULT)): name for name in names if name.startswith(RESULT)}
    winners = rest | features | results
    return table.select(list(winners.values())).rename_columns(list(winners))


def _result(name: str) -> str:
    start = next((s for s in NESTED_PROBABILITIES if name.startswith(s)), None)
    return f"proba_{name.removeprefix(start)}" if start else name
