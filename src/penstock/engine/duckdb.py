"""DuckDB, embedded: one in-memory instance per process, one private schema and connection per activity.

An instance takes 12 ms to open and a connection of it 1 ms, so activities share the instance (its threads, its
memory limit) and nothing else. It computes and never keeps: data lies in Parquet.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Aborted, ActivityFailed, Refused
from penstock.core.native import columns_of
from penstock.core.placement import LOCAL
from penstock.engine import answers, export, parquet, sealed
from penstock.engine.complaints import reduced
from penstock.engine.orphans import remove_orphans

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from penstock.core.config import Config
    from penstock.core.contexts import DatasetContext
    from penstock.core.dataset import Dataset
    from penstock.core.schema import Schema

Batches = Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]
STOPPED = "The work was stopped."
_numbers = itertools.count(1)


def settings(config: Config) -> dict[str, Any]:
    """How every instance is opened: nothing is downloaded, nothing is sent."""
    chosen: dict[str, Any] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "preserve_insertion_order": True,
    }
    if config.threads:
        chosen["threads"] = config.threads
    if config.memory:
        chosen["memory_limit"] = config.memory
    return chosen


class Instance:
    """The process's in-memory DuckDB, opened when first needed and again after it broke.

    Rows that do not fit in memory are spilled into a folder of the home that no other instance uses.
    """

    def __init__(self, config: Config) -> None:
        self._settings = settings(config)
        self._spilled = config.home / "tmp" / "duckdb"
        self._lock = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None

    def settings(self) -> dict[str, Any]:
        """For one more instance: with a spill folder of its own, made when it is needed."""
        self._spilled.mkdir(parents=True, exist_ok=True)
        own = self._spilled / f"{os.getpid()}-{next(_numbers)}"
        return {**self._settings, "temp_directory": str(own)}

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A fresh connection. Instants are UTC in it."""
        import duckdb

        with self._lock:
            if self._root is None:
                remove_orphans(self._spilled)
                self._root = duckdb.connect(":memory:", config=self.settings())
            try:
                return _in_utc(self._root.cursor())
            except duckdb.Error:
                self._root = duckdb.connect(":memory:", config=self.settings())
                return _in_utc(self._root.cursor())

    def close(self) -> None:
        with self._lock:
            if self._root is not None:
                self._root.close()
            self._root = None


class DuckDBSession:
    """One activity's place to compute (the Session port).

    Views and tables that kinds make through `backend` lie in the session's own schema: other sessions do not see
    them, and they vanish with it. Streams run on connections of their own, so the backend stays free; they see the
    schema, but no temporary table.
    """

    place = LOCAL

    def __init__(self, instance: Instance) -> None:
        from penstock.engine.backend import Backend

        self._instance = instance
        self._schema = f"session_{next(_numbers)}"
        self._open: list[duckdb.DuckDBPyConnection] = []
        self._stopped = False
        con = self._connect()
        con.execute(f"CREATE SCHEMA {self._schema}")
        con.execute(f"USE {self._schema}")
        self.backend: Any = Backend.from_connection(con)

    def table(self, ctx: DatasetContext, dataset: str) -> Any:
        """A dataset of the project as an `ibis.Table` on this session."""
        with self._working():
            return ctx.project.dataset(dataset).read(ctx)

    def infer(self, ctx: DatasetContext, dataset: Dataset, *, types: bool) -> Schema:
        """The columns a dataset's data suggests; its first rows are read."""
        with self._working():
            return dataset.infer(ctx, types=types)

    def from_table(self, name: str, schema: str = "") -> Any:
        """Nothing: tables of databases are asked where they are, or fetched."""
        raise Refused(f"There is no table {name} here: this engine is no database of yours.")

    def from_query(self, sql: str) -> Any:
        """Nothing, as `from_table`."""
        raise Refused("This engine is no database of yours.")

    def select(self, sql: str, tables: Mapping[str, Any]) -> Any:
        """Nothing, as `from_table`; `query` runs a SELECT over files."""
        raise Refused("This engine is no database of yours.")

    def stream(self, table: Any, *, batch_rows: int = 65_536) -> pa.RecordBatchReader:
        """The rows in order; memory for a few batches. Close it, or read it to its end, to free its connection."""
        import pyarrow as pa

        from penstock.engine.backend import Backend

        with self._working():
            con = self._connect()
            con.execute(f"USE {self._schema}")
            backend = Backend.from_connection(con)
            reader = con.sql(parquet.typed_sql(backend, table)).to_arrow_reader(batch_rows)
        schema = table.schema().to_pyarrow()
        return pa.RecordBatchReader.from_batches(schema, self._batches(con, reader, schema))

    def arrow(self, table: Any) -> pa.Table:
        """All rows in memory."""
        with self._working():
            sql = parquet.typed_sql(self.backend, table)
            return self.backend.con.sql(sql).to_arrow_table().cast(table.schema().to_pyarrow())

    def columns(self, table: Any) -> Schema:
        """The columns of a table; nothing is run."""
        return columns_of(table.schema().to_pyarrow())

    def export(self, table: Any, target: Path) -> None:
        """All rows in one file, by the ending of its name."""
        with self._working():
            export.write(self, table, target)

    def aggregate(self, table: Any, expressions: Mapping[str, Any]) -> dict[str, Any]:
        """Every scalar in one query: key → plain Python value."""
        if not expressions:
            return {}
        row = self.arrow(table.aggregate(**expressions)).to_pylist()[0]
        return {key: answers.plain(row[key]) for key in expressions}

    def write_parquet(self, data: Any, folder: Path) -> None:
        """Rows as Parquet in a folder, streamed. A folder of Parquet files is moved there."""
        folder.mkdir(parents=True, exist_ok=True)
        with self._working():
            if isinstance(data, Path):
                parquet.take(data, folder)
            elif hasattr(data, "to_reader") or hasattr(data, "read_next_batch"):
                parquet.write_arrow(data, folder)
            else:
                parquet.copy(self.backend, data, folder)

    def mapped(self, table: Any, function: Batches, schema: pa.Schema) -> pa.RecordBatchReader:
        """The rows as they come out of a function of record batches, which runs in this process."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(schema, function(iter(self.stream(table))))

    def query(self, sql: str, tables: Mapping[str, Sequence[Path]]) -> pa.RecordBatchReader:
        """One SELECT over Parquet tables, on an instance that can reach nothing but their files."""
        import pyarrow as pa

        with self._working():
            con = sealed.opened(self._instance.settings(), tables)
            self._open.append(con)
            reader = con.sql(sealed.select(con, sql)).to_arrow_reader(65_536)
        schema = parquet.settled(reader.schema)
        return pa.RecordBatchReader.from_batches(schema, self._batches(con, reader, schema))

    def describe(self, sql: str, tables: Mapping[str, Schema]) -> Schema:
        """The columns of such a query, without data."""
        with self._working():
            return sealed.described(self._instance.settings(), sql, tables)

    def interrupt(self) -> None:
        """Stop whatever runs, from another thread; it then raises Aborted. Later work raises it at once."""
        self._stopped = True
        for con in tuple(self._open):
            con.interrupt()

    def close(self) -> None:
        import duckdb

        with contextlib.suppress(duckdb.Error):
            con = self._instance.connection()
            con.execute(f"DROP SCHEMA {self._schema} CASCADE")
            con.close()
        for con in tuple(self._open):
            con.close()
        self._open.clear()

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        if self._stopped:
            raise Aborted(STOPPED)
        with translated():
            yield

    def _connect(self) -> duckdb.DuckDBPyConnection:
        con = self._instance.connection()
        self._open.append(con)
        return con

    def _batches(
        self, con: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader, schema: pa.Schema
    ) -> Iterator[pa.RecordBatch]:
        try:
            for batch in reader:
                yield batch.cast(schema)
                if self._stopped:
                    raise Aborted(STOPPED)
        except OSError as error:  # what Arrow makes of DuckDB's errors
            raise Aborted(STOPPED) if self._stopped else _failed(error) from error
        finally:
            con.close()
            if con in self._open:
                self._open.remove(con)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """DuckDB's errors as ours: the sentence without its class, or Aborted when somebody interrupted."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException as error:
        raise Aborted(STOPPED) from error
    except duckdb.Error as error:
        raise _failed(error) from error


def _failed(error: Exception) -> ActivityFailed:
    message, hint = reduced(str(error))
    return ActivityFailed(message, hint=hint)


def _in_utc(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET lambda_syntax = 'ENABLE_SINGLE_ARROW'")  # how Ibis 12 writes filter and map over lists
    return con
