"""Driver: what a session asks of a database, and the plain way to do it by any Ibis backend."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ActivityFailed
from penstock.engine.answers import batches_of, unreadable

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
        return Selected(table.schema(), (_rows(batch) for batch in reader))

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
        return batches_of(self.select(sql, rows).batches, schema)

    def interrupt(self) -> None:
        """Stop what runs, from another thread."""

    def close(self) -> None:
        self.backend.disconnect()


def fetched(open_: contextlib.ExitStack, cursor: Any, rows: int) -> Iterator[Tuples]:
    """The rows of a cursor in lists; what is open for it is closed at the end."""
    with open_:
        while some := cursor.fetchmany(rows):
            yield list(some)


def told_apart(names: Iterable[str]) -> None:
    """Raises ActivityFailed when two columns of a query have one name."""
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise ActivityFailed(
            f"The query gives several columns called '{twice}'.", hint=f"Name them apart: SELECT {twice} AS …"
        )


def _rows(batch: pa.RecordBatch) -> Tuples:
    columns = (_cells(name, cells) for name, cells in zip(batch.schema.names, batch.columns, strict=True))
    return list(zip(*columns, strict=True))


def _cells(name: str, cells: pa.Array) -> list[Any]:
    """As Python has them. Raises ActivityFailed for what it has not, such as an instant after the year 9999."""
    try:
        return cells.to_pylist()
    except (OverflowError, ValueError) as error:
        raise unreadable(f"Column '{name}'", str(error)) from error
