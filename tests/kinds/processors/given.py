"""One step of Prepare over a small table on DuckDB: columns in, columns out."""

from __future__ import annotations

from functools import cache
from typing import Any

import ibis
import pyarrow as pa

from penstock.core import registry
from penstock.core.prepare import PrepareContext, Processor


@cache
def engine() -> Any:
    backend = ibis.duckdb.connect()
    backend.raw_sql("SET lambda_syntax = 'ENABLE_SINGLE_ARROW'")
    return backend


def a_step(kind: str, **settings: Any) -> Processor:
    """The processor, as YAML would give it."""
    step = registry.parse("processors", {"type": kind, **settings})
    assert isinstance(step, Processor)
    return step


def prepared(step: Processor, /, **columns: Any) -> dict[str, list[Any]]:
    """The columns of the result, in their order, of a step over these columns."""
    table = ibis.memtable(pa.table(columns))
    result = engine().to_pyarrow(step.apply(table, PrepareContext()))
    return dict(result.to_pydict())
