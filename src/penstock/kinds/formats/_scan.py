"""From files to a typed table: views on the session's engine, casts that say which cell does not fit."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ColumnMissing
from penstock.core.native import columns_of
from penstock.core.schema import INTEGER_TYPES, ColumnType, Schema

if TYPE_CHECKING:
    import ibis.expr.types as ir

_numbers = itertools.count(1)

SQL_TYPES: dict[ColumnType, str] = {
    "string": "VARCHAR", "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT",
    "float": "FLOAT", "double": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP",
    "datetime_tz": "TIMESTAMPTZ",
}  # fmt: skip
SHOWN = 6
"""Cells of a row that an error shows."""


def view(ctx: Any, select: str) -> ir.Table:
    """A SELECT as a table of the session; nothing is read yet."""
    made = f"scan_{next(_numbers)}"
    ctx.backend.raw_sql(f"CREATE VIEW {made} AS {select}")
    return ctx.backend.table(made)


def name(column: str) -> str:
    """A column's name in SQL."""
    return '"' + column.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text in SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def paths(files: Iterable[str | Path]) -> str:
    """A list of files in SQL; characters that DuckDB would take for a pattern stand for themselves."""
    return "[" + ", ".join(literal(_plain(str(f))) for f in files) + "]"


def typed(
    table: ir.Table, columns: Schema, ctx: Any, *, dates: Sequence[str] = (), decimal: str = "."
) -> ir.Table:
    """The declared columns, in their order, with their types. The table as it is when none are declared.

    A cell that does not fit fails the read when it is reached, naming the column, the value and the row. Raises
    ColumnMissing at once for a column that the files do not have.
    """
    if not columns:
        return table
    for column in columns:
        if column.name not in table.columns:
            raise ColumnMissing(column.name, dataset=ctx.name, near=table.columns, needed_by="Its definition")
    known = {c.name: c.type for c in columns_of(table.schema().to_pyarrow())}
    row = _row(table.columns)
    cells = [
        name(c.name)
        if c.type == known[c.name] or c.type not in SQL_TYPES
        else _cast(c.name, c.type, _reading(c.name, c.type, known, dates, decimal), (ctx.name, row))
        for c in columns
    ]
    return view(ctx, f"SELECT {', '.join(cells)} FROM {table.get_name()}")


def reading(cell: str, kind: ColumnType, *, dates: Sequence[str] = (), decimal: str = ".") -> str:
    """SQL for a text as a type, null when it does not fit. Whole numbers are never rounded from others."""
    if dates and kind in ("date", "datetime", "datetime_tz"):
        return f"TRY_CAST(TRY_STRPTIME({cell}, [{', '.join(map(literal, dates))}]) AS {SQL_TYPES[kind]})"
    if kind in ("float", "double") and decimal != ".":
        cell = f"REPLACE({cell}, {literal(decimal)}, '.')"
    read = f"TRY_CAST({cell} AS {SQL_TYPES[kind]})"
    if kind in INTEGER_TYPES:
        return f"CASE WHEN TRY_CAST({cell} AS DOUBLE) = {read} THEN {read} END"
    return read


def _reading(
    column: str, kind: ColumnType, known: dict[str, ColumnType], dates: Sequence[str], decimal: str
) -> str:
    if known[column] == "string":
        return reading(name(column), kind, dates=dates, decimal=decimal)
    return f"TRY_CAST({name(column)} AS {SQL_TYPES[kind]})"


def _cast(column: str, kind: ColumnType, read: str, place: tuple[str, str]) -> str:
    dataset, row = place
    said = (
        f"{literal(f'Column {column!r} of dataset {dataset} should be {kind}, but a cell holds ')} || '''' || "
        f"LEFT(CAST({name(column)} AS VARCHAR), 200) || '''. The row: ' || {row} || "
        "'. Correct the file, or give the column another type.'"
    )
    wrong = f"CASE WHEN {name(column)} IS NOT NULL THEN CAST(error({said}) AS {SQL_TYPES[kind]}) END"
    return f"COALESCE({read}, {wrong}) AS {name(column)}"


def _row(columns: Sequence[str]) -> str:
    """SQL for the first cells of a row, as people read them."""
    cells = [
        f"{literal(f'{c}=')} || COALESCE(LEFT(CAST({name(c)} AS VARCHAR), 40), '')" for c in columns[:SHOWN]
    ]
    return f"CONCAT_WS(', ', {', '.join(cells)})"


def _plain(path: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)
