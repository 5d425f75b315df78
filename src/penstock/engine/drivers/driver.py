"""Driver: what a session asks of a database, and the plain way to do it by any Ibis backend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.engine.answers import batch_of

if TYPE_CHECKING:
    import pyarrow as pa

Tuples = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Selected:
    """A SELECT under way: the columns as Ibis knows them, and the rows in lists."""

    schema: Any
    batches: Iterator[Tuples]


class Driver:
    """A database at work on one connection, by the calls that every Ibis backend has."""

    def __init__(self, backend: Any, address: str) -> None:
        self.backend, self.address = backend, address

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What it raises when the database refuses something."""
        from ibis.common.exceptions import IbisError
        from sqlglot.errors import SqlglotError

        return (SqlglotError, IbisError)

    def select(self, sql: str, rows: int) -> Selected:
        """Run one SELECT, which can change nothing; `rows` at a time come here."""
        table = self.backend.sql(sql)
        reader = self.backend.to_pyarrow_batches(table, chunk_size=rows)
        columns = (zip(*(c.to_pylist() for c in batch.columns), strict=True) for batch in reader)
        return Selected(table.schema(), (list(rows) for rows in columns))

    def schema_of(self, sql: str) -> Any:
        """The Ibis schema of a SELECT; no row is read."""
        return self.backend.sql(sql).schema()

    def table_schema(self, name: str, schema: str | None) -> Any:
        """The Ibis schema of a table. Raises Ibis's TableNotFound."""
        return self.backend.get_schema(name, database=schema)

    def typed(self, table: Any, select: str) -> str:
        """The SELECT of an `ibis.Table`, its columns in the settled types as far as the answer needs it."""
        return select

    def stream(self, sql: str, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of a SELECT whose columns have these types already; memory for a few batches."""
        return (batch_of(some, schema) for some in self.select(sql, rows).batches)

    def interrupt(self) -> None:
        """Stop what runs, from another thread."""

    def close(self) -> None:
        self.backend.disconnect()
