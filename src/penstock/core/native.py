"""Storage types as Ibis spells them, and the columns of Arrow data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from penstock.core.schema import Column, ColumnType, Schema, column_type

IBIS: dict[ColumnType, str] = {
    "string": "string", "tinyint": "int8", "smallint": "int16", "int": "int32", "bigint": "int64",
    "float": "float32", "double": "float64", "boolean": "boolean",
    "date": "date", "datetime": "timestamp(6)", "datetime_tz": "timestamp('UTC', 6)",
}  # fmt: skip
"""Storage type → Ibis data type. Arrays, maps and objects keep the type they have."""


def columns_of(fields: Iterable[Any]) -> Schema:
    """The columns of an Arrow schema: `columns_of(table.schema().to_pyarrow())` of an `ibis.Table`."""
    return tuple(Column(name=f.name, type=column_type(str(f.type))) for f in fields)
