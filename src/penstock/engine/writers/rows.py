"""RowsWriter: for databases without a bulk door: rows go in by INSERT, many at a time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from penstock.core.naming import TableName
from penstock.engine.writers.writer import Writer

if TYPE_CHECKING:
    import pyarrow as pa

MOST_VALUES = 30_000
"""Values of one INSERT, about."""


class RowsWriter(Writer):
    """Rows as Python's own values. Numbers that are no number become empty: such databases know none."""

    MARK = "%s"

    def create_as(self, table: TableName, select: str, driver: Any, schema: pa.Schema) -> int:
        """Made first, so that its columns have the types they were given, then filled."""
        self.create(table, schema)
        return self.insert_as(table, [f.name for f in schema], select, driver)

    def copy(self, table: TableName, rows: pa.RecordBatchReader) -> int:
        columns, marks = (
            ", ".join(map(self.quoted, rows.schema.names)),
            ", ".join([self.MARK] * len(rows.schema)),
        )
        insert = f"INSERT INTO {self.name(table)} ({columns}) VALUES ({marks})"
        step, count = max(1, MOST_VALUES // len(rows.schema)), 0
        for batch in rows:
            for start in range(0, batch.num_rows, step):
                part = batch.slice(start, step)
                with self.transaction(), contextlib.closing(self.con.cursor()) as cursor:
                    cursor.executemany(insert, list(self._tuples(part)))
            count += batch.num_rows
        return count

    def type_of(self, kind: Any) -> str:
        """Lists are kept as JSON text."""
        import pyarrow.types as are

        return self.TYPES["string"] if are.is_list(kind) else super().type_of(kind)

    def cell(self, value: Any) -> Any:
        """A value as the driver takes it."""
        if isinstance(value, float) and (value != value or abs(value) == float("inf")):
            return None
        if isinstance(value, list):
            return json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, datetime):
            plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            return plain.isoformat(" ", timespec="microseconds")
        return value.isoformat() if isinstance(value, date) else value

    def _tuples(self, batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
        columns = [[self.cell(v) for v in column.to_pylist()] for column in batch.columns]
        return zip(*columns, strict=True)
