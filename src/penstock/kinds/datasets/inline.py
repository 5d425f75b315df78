"""Rows typed in the definition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, field_validator, model_validator

from penstock.core.dataset import Dataset
from penstock.core.native import IBIS
from penstock.core.schema import Column, ColumnType, Schema

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext

Cell = bool | int | float | str | None


class Inline(Dataset):
    """A small table typed in the definition itself: a mapping, a list of thresholds. Its columns say the types.

    Example:
        type: inline
        columns:
          - {name: carrier}
          - {name: fee, type: double}
          - {name: since, type: date}
        rows:
          - {carrier: UA, fee: 25, since: "2013-01-01"}
          - {carrier: AA}
    """

    rows: tuple[dict[str, Cell], ...] = Field(
        default=(), description="One mapping a row: column → value; a column left out is empty."
    )

    @field_validator("rows", mode="before")
    @classmethod
    def _dates_as_text(cls, rows: Any) -> Any:
        return [{k: _plain(v) for k, v in r.items()} if isinstance(r, dict) else r for r in rows or ()]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.columns and not self.rows:
            raise ValueError("Give columns, rows, or both.")
        known = {c.name: c.type for c in self.shape()}
        for number, row in enumerate(self.rows, 1):
            for name, value in row.items():
                _checked(number, name, value, known)
        return self

    def shape(self) -> Schema:
        """The declared columns, or else those that the rows suggest."""
        if self.columns:
            return self.columns
        names = dict.fromkeys(name for row in self.rows for name in row)
        return tuple(Column(name=n, type=_common([row.get(n) for row in self.rows])) for n in names)

    def read(self, ctx: DatasetContext) -> ir.Table:
        import ibis
        import pyarrow as pa

        shape = self.shape()
        schema = ibis.schema({c.name: IBIS.get(c.type, "string") for c in shape}).to_pyarrow()
        cells = [[_read(row.get(c.name), c.type) for row in self.rows] for c in shape]
        arrays = [pa.array(c, f.type) for c, f in zip(cells, schema, strict=True)]
        return ibis.memtable(pa.Table.from_arrays(arrays, schema=schema))

    def infer(self, ctx: DatasetContext, *, types: bool = True) -> Schema:
        return self.changed(columns=()).shape() if self.rows else self.columns

    def where(self) -> str:
        return "in its own definition"

    def state(self, ctx: DatasetContext) -> str:
        shape = [(c.name, c.type) for c in self.shape()]
        told = json.dumps([shape, self.rows], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def _checked(number: int, name: str, value: Cell, known: dict[str, ColumnType]) -> None:
    if name not in known:
        raise ValueError(f"Row {number} has a column '{name}', which columns does not list.")
    try:
        _read(value, known[name])
    except ValueError as error:
        raise ValueError(f"Row {number}, column '{name}': {value!r} is not a {known[name]}.") from error


def _read(value: Cell, kind: ColumnType) -> Any:
    """A typed cell as its column has it. Raises ValueError when it does not fit."""
    reader: Callable[[Any], Any] = _READERS.get(kind, _text)
    return None if value is None else reader(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    return int(value)


def _truth(value: Any) -> bool:
    words = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise ValueError(value)
    return words[str(value).lower()]


def _instant(value: Any) -> datetime:
    read = datetime.fromisoformat(str(value))
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _moment(value: Any) -> datetime:
    read = datetime.fromisoformat(str(value))
    return read if read.tzinfo is None else read.astimezone(UTC).replace(tzinfo=None)


_READERS: dict[ColumnType, Callable[[Any], Any]] = {
    "tinyint": _whole, "smallint": _whole, "int": _whole, "bigint": _whole, "float": float, "double": float,
    "boolean": _truth, "date": lambda value: date.fromisoformat(str(value)), "datetime": _moment,
    "datetime_tz": _instant,
}  # fmt: skip


def _common(values: list[Cell]) -> ColumnType:
    kinds = {type(v) for v in values if v is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "bigint"
    return "double" if kinds and kinds <= {int, float} else "string"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
