"""In the database of a connection, by Ibis: what is asked is computed there, and only the answer comes here."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.connection import Database, secret_name
from penstock.core.errors import Aborted, ActivityFailed, NotFound, Refused
from penstock.core.native import columns_of
from penstock.engine import answers, parquet
from penstock.engine.drivers.driver import Driver

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.contexts import DatasetContext
    from penstock.core.dataset import Dataset
    from penstock.core.placement import Place
    from penstock.core.schema import Schema

STOPPED = "The work was stopped."
PATIENCE = 15.0
"""Seconds a server may take to let us in."""
MOST_SCALARS = 1_500
"""A SELECT of PostgreSQL has 1,664 columns at most."""
DRIVERS = {
    "duckdb": "DuckdbDriver",
    "postgres": "PostgresDriver",
    "mysql": "MysqlDriver",
    "sqlite": "SqliteDriver",
}

_BY_ADBC = re.compile(
    r"\A(?:[A-Z_]+: )?(?:\[libpq\] )?(?:Failed to .*?|Execution error \[\w+\]): (?:ERROR: +)?"
)
"""What ADBC says before what the server said; after that it quotes the query."""

Here = Callable[[], contextlib.AbstractContextManager[Any]]
"""Opens a session of this process, which writes files."""


class Keys:
    """The ConnectionContext of this process: secrets, opened when a connection asks for them."""

    def __init__(self, secret: Callable[[str], str], timeout: float = PATIENCE) -> None:
        self.timeout = timeout
        self._secret = secret

    def secret(self, text: str) -> str:
        name = secret_name(text)
        return self._secret(name) if name else text


class DatabaseSession:
    """A connection to a database as a place to compute (the Session port)."""

    def __init__(self, connection: Database, place: Place, secret: Callable[[str], str], here: Here) -> None:
        keys = Keys(secret)
        self._here = here
        self.place, self.connection = place, connection
        self.backend: Any = connection.open(keys)
        self._driver = _driver(self.backend, connection.address(keys))
        self.backend = self._driver.backend
        self._queries: dict[str, str] = {}
        self._stopped = False

    def table(self, ctx: DatasetContext, dataset: str) -> Any:
        """A dataset of the project as an `ibis.Table` on this session."""
        with self._working():
            return ctx.project.dataset(dataset).read(ctx)

    def infer(self, ctx: DatasetContext, dataset: Dataset, *, types: bool) -> Schema:
        """The columns that the database says a dataset has."""
        with self._working():
            return dataset.infer(ctx, types=types)

    def columns(self, table: Any) -> Schema:
        """The columns of a table, as an answer gives them; nothing is run."""
        return columns_of(answers.settled(table.schema()).to_pyarrow())

    def from_table(self, name: str, schema: str = "") -> Any:
        """A table or view of the database; where it lies in the connection's schema, when none is named."""
        import ibis.expr.operations as ops
        from ibis.common.exceptions import TableNotFound

        place = schema or self.connection.db_schema or None
        with self._working():
            try:
                columns = self._driver.table_schema(name, place)
            except TableNotFound as error:
                raise self._no_table(name, place) from error
        found = ops.DatabaseTable(
            name=name, schema=columns, source=self.backend, namespace=ops.Namespace(database=place)
        )
        return answers.settled_table(found.to_expr())

    def from_query(self, sql: str) -> Any:
        """A SELECT in the database's own words as an `ibis.Table`; its text stays as it is."""
        import ibis.expr.operations as ops

        body = _one_select(sql)
        with self._working():
            schema = self._driver.schema_of(body)
        name = f"penstock_query_{len(self._queries) + 1}"
        self._queries[name] = body
        found = ops.DatabaseTable(name=name, schema=schema, source=self.backend).to_expr()
        return answers.settled_table(found)

    def select(self, sql: str, tables: Mapping[str, Any]) -> Any:
        """A SELECT over `ibis.Table`s of this session, which it knows by their names, as an `ibis.Table`."""
        body = _one_select(sql)
        named = {name: self._compiled(table) for name, table in tables.items() if _mentions(body, name)}
        return self.from_query(_with(self._with_queries_of(named), body))

    def sql(self, table: Any) -> str:
        """The SELECT of an `ibis.Table` on this session, its columns in the types that every engine agrees on."""
        return self._with_queries(self._driver.typed(table, self._compiled(table)))

    def stream(self, table: Any, *, batch_rows: int = 65_536) -> pa.RecordBatchReader:
        """The rows as Arrow batches, through a server-side cursor or COPY; memory for a few batches."""
        import pyarrow as pa

        schema = answers.settled(table.schema()).to_pyarrow()
        with self._working():
            sql = self.sql(table)
            batches = self._driver.stream(sql, schema, batch_rows)
        return pa.RecordBatchReader.from_batches(schema, self._told(batches))

    def arrow(self, table: Any) -> pa.Table:
        """All rows in memory."""
        import pyarrow as pa

        schema = answers.settled(table.schema()).to_pyarrow()
        with self._working():
            selected = self._driver.select(self.sql(table), 10_000)
            batches = list(answers.batches_of(selected.batches, schema))
        return pa.Table.from_batches(batches, schema)

    def aggregate(self, table: Any, expressions: Mapping[str, Any]) -> dict[str, Any]:
        """Every scalar in one query: key → plain Python value."""
        keys, found = list(expressions), dict[str, Any]()
        for start in range(0, len(keys), MOST_SCALARS):
            part = {f"v{i}": key for i, key in enumerate(keys[start : start + MOST_SCALARS])}
            row = self.arrow(table.aggregate(**{v: expressions[k] for v, k in part.items()})).to_pylist()[0]
            found |= {key: answers.plain(row[short]) for short, key in part.items()}
        return found

    def mapped(
        self,
        table: Any,
        function: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
        schema: pa.Schema,
    ) -> pa.RecordBatchReader:
        """The rows, streamed here, as they come out of a function of record batches."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(schema, function(iter(self.stream(table))))

    def query(self, sql: str, tables: Mapping[str, Any]) -> pa.RecordBatchReader:
        """One SELECT in the database's own SQL; `tables` are `ibis.Table`s of this session under other names."""
        import pyarrow as pa

        body = _one_select(sql)
        with self._working():
            named = {name: self._compiled(table) for name, table in tables.items() if _mentions(body, name)}
            selected = self._driver.select(_with(self._with_queries_of(named), body), 10_000)
        schema = answers.settled(selected.schema).to_pyarrow()
        batches = self._told(answers.batches_of(selected.batches, schema))
        return pa.RecordBatchReader.from_batches(schema, batches)

    def describe(self, sql: str, tables: Mapping[str, Schema]) -> Schema:
        """The columns of a SELECT over tables the database has."""
        with self._working():
            return columns_of(answers.settled(self._driver.schema_of(_one_select(sql))).to_pyarrow())

    def export(self, table: Any, target: Path) -> None:
        """All rows in one file, by the ending of its name."""
        with (
            self._working(),
            tempfile.TemporaryDirectory(prefix=".penstock-", dir=target.parent) as folder,
            self._here() as here,
        ):
            self.write_parquet(table, Path(folder))
            view = f"CREATE VIEW exported AS SELECT * FROM read_parquet({parquet.literal(folder + '/*.parquet')})"
            here.backend.raw_sql(view)
            here.export(here.backend.table("exported"), target)

    def write_parquet(self, data: Any, folder: Path) -> None:
        """Rows as Parquet in a folder, streamed out of the database; Arrow rows as they are."""
        folder.mkdir(parents=True, exist_ok=True)
        with self._working():
            if isinstance(data, Path):
                parquet.take(data, folder)
            elif hasattr(data, "to_reader") or hasattr(data, "read_next_batch"):
                parquet.write_arrow(data, folder)
            else:
                parquet.write_arrow(self.stream(data), folder)

    def interrupt(self) -> None:
        """Stop whatever runs, from another thread; it then raises Aborted. Later work raises it at once."""
        self._stopped = True
        with contextlib.suppress(*self._driver.errors):
            self._driver.interrupt()

    def close(self) -> None:
        with contextlib.suppress(*self._driver.errors):
            self._driver.close()

    @contextlib.contextmanager
    def working(self) -> Iterator[Driver]:
        """The database's driver, for whoever writes: its errors become ours inside."""
        with self._working():
            yield self._driver

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        if self._stopped:
            raise Aborted(STOPPED)
        try:
            yield
        except self._driver.errors as error:
            raise self._said(error) from error

    def _told(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            for batch in batches:
                yield batch
                if self._stopped:
                    raise Aborted(STOPPED)
        except self._driver.errors as error:
            raise self._said(error) from error

    def _said(self, error: Exception) -> Aborted | ActivityFailed:
        if self._stopped:
            return Aborted(STOPPED)
        return ActivityFailed(f"The database of connection {self.place.connection} says: {sentence(error)}")

    def _no_table(self, name: str, place: str | None) -> NotFound | ActivityFailed:
        where = f"schema {place} of connection" if place else "connection"
        tables = self.backend.list_tables(database=place)
        if name in tables:
            return ActivityFailed(f"Table {name} in {where} {self.place.connection} has no columns.")
        return NotFound("table", name, among=tables, where=f"{where} {self.place.connection}")

    def _compiled(self, table: Any) -> str:
        self.backend._run_pre_execute_hooks(table)
        return str(self.backend.compile(table))

    def _with_queries(self, sql: str) -> str:
        return _with(self._with_queries_of({}, sql), sql)

    def _with_queries_of(self, named: Mapping[str, str], sql: str = "") -> dict[str, str]:
        """The queries of people that some SQL stands on, before what stands on them."""
        text = " ".join([sql, *named.values()])
        return {n: q for n, q in self._queries.items() if re.search(rf"\b{n}\b", text)} | dict(named)

    def __repr__(self) -> str:
        return f"DatabaseSession({self.place})"


def sentence(error: Exception) -> str:
    """What a database said, without the lines that quote our SQL."""
    text = str(error.args[-1] if error.args and isinstance(error.args[-1], str) else error)
    text = _BY_ADBC.sub("", text).partition("Query was:")[0]
    lines = [line for line in text.strip().splitlines() if not re.match(r"LINE \d+:|\s*\^|\s*$", line)]
    said = " ".join(lines[:3]).strip() or type(error).__name__
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _driver(backend: Any, address: str) -> Driver:
    """The driver for a backend, in the file that has its name; the plain one for all others."""
    if backend.name not in DRIVERS:
        return Driver(backend, address)
    made: Driver = getattr(import_module(f"penstock.engine.drivers.{backend.name}"), DRIVERS[backend.name])(
        backend, address
    )
    return made


def _one_select(sql: str) -> str:
    """A person's SELECT without the semicolon it may end with. Raises Refused for anything else."""
    body = re.sub(r"[;\s]+\Z", "", sql)
    first = re.match(r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(\w+)", body, re.DOTALL)
    if first is None or first[1].upper() not in ("SELECT", "WITH", "VALUES", "TABLE"):
        word = first[1].upper() if first else "nothing"
        raise Refused(f"Only a SELECT is run here; this is {word}.", hint="Write one SELECT.")
    return body


def _mentions(sql: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", sql) is not None


def _with(named: Mapping[str, str], sql: str) -> str:
    """A SELECT that knows others under names, in front of those it names itself."""
    if not named:
        return sql
    parts = ", ".join(f"{name} AS (\n{body}\n)" for name, body in named.items())
    own = re.match(r"((?:\s|--[^\n]*\n|/\*.*?\*/)*)WITH(\s+RECURSIVE)?\b", sql, re.DOTALL | re.IGNORECASE)
    if own is None:
        return f"WITH {parts}\n{sql}"
    return f"WITH{own[2] or ''} {parts},\n{sql[own.end() :]}"
