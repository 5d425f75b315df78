"""A session on Spark (the Session port): expressions run on the cluster, rows go in and out as Parquet.

Order of rows: files are read in the order of their names, and what a recipe sorts is written in that order. Between
the two Spark keeps the order where it does not move rows about (filter, computed columns, Score) and gives up on it
where it does (join, group, distinct), as every cluster does.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from penstock.core.errors import Aborted, ActivityFailed, Refused
from penstock.core.native import columns_of
from penstock.core.placement import LOCAL
from penstock.engine import answers, parquet
from penstock.engine.spark.machine import first_line, quiet

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.cluster import Cluster
    from penstock.core.contexts import ConnectionContext, DatasetContext
    from penstock.core.dataset import Dataset
    from penstock.core.placement import Place
    from penstock.core.ports import Session
    from penstock.core.schema import Schema
    from penstock.engine.spark.machine import Machines

STOPPED = "The work was stopped."
FILES_IN_ORDER = 200
"""So many files are read one behind the other, in order; more are read in any order, in a plan of normal size."""
_names = itertools.count(1)

Batches = Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]


class SparkSession:
    """One activity's place to compute on Spark. Its views vanish with it."""

    def __init__(
        self,
        machines: Machines,
        cluster: Cluster,
        place: Place,
        keys: ConnectionContext,
        beside: Callable[[Place], AbstractContextManager[Session]],
    ) -> None:
        self.place, self._beside = place, beside
        self._stack = ExitStack()
        self._spark = self._stack.enter_context(machines.session(place.connection, cluster, keys))
        from penstock.engine.spark.backend import Backend

        self.backend: Any = Backend()
        self.backend.do_connect(self._spark)
        self._tag = f"penstock-{uuid4().hex}"
        self._work = machines.work(self._tag)
        self._stack.callback(shutil.rmtree, self._work, ignore_errors=True)
        self._remote = type(self._spark).__module__.startswith("pyspark.sql.connect")
        self._stopped = False

    def table(self, ctx: DatasetContext, dataset: str) -> Any:
        """A dataset of the project: managed ones from their snapshot, others from an export made once."""
        found = ctx.project.dataset(dataset)
        with self._working():
            if found.MANAGED and not found.database():
                found.check_ready(ctx)
                return self.parquet(ctx.snapshot_files())
            return self.parquet(ctx.fetched())

    def parquet(self, files: Sequence[Path]) -> Any:
        """Parquet files as an `ibis.Table`, rows in the order of the files."""
        with self._working():
            read = [self._spark.read.parquet(*_urls(part)) for part in _parts(files)]
            whole = read[0]
            for frame in read[1:]:
                whole = whole.unionByName(frame, allowMissingColumns=True)
            return self._view(whole)

    def infer(self, ctx: DatasetContext, dataset: Dataset, *, types: bool) -> Schema:
        """The columns of a dataset's data, as Spark sees them."""
        return self.columns(self.table(ctx, ctx.name))

    def columns(self, table: Any) -> Schema:
        """The columns of a table; nothing is run."""
        return columns_of(table.schema().to_pyarrow())

    def from_table(self, name: str, schema: str = "") -> Any:
        """Nothing: tables of databases are fetched."""
        raise Refused(f"There is no table {name} here: Spark is no database of yours.")

    def from_query(self, sql: str) -> Any:
        """Nothing, as `from_table`."""
        raise Refused("Spark is no database of yours.")

    def select(self, sql: str, tables: Mapping[str, Any]) -> Any:
        """Nothing, as `from_table`."""
        raise Refused("Spark is no database of yours.")

    def stream(self, table: Any, *, batch_rows: int = 65_536) -> pa.RecordBatchReader:
        """The rows as Arrow batches: Spark writes them aside, then they are read; memory for a few batches."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        mapped = isinstance(table, Mapped)
        schema = table.schema if mapped else table.schema().to_pyarrow()
        folder = self._work / f"stream-{next(_names)}"
        self._written(table.frame if mapped else self._typed(table), folder)
        files = sorted(folder.glob("*.parquet"))

        def batches() -> Iterator[pa.RecordBatch]:
            for file in files:
                for batch in pq.ParquetFile(file).iter_batches(batch_rows):
                    if self._stopped:
                        raise Aborted(STOPPED)
                    yield batch.cast(schema)
            shutil.rmtree(folder, ignore_errors=True)

        return pa.RecordBatchReader.from_batches(schema, batches())

    def arrow(self, table: Any) -> pa.Table:
        """All rows in memory."""
        with self._working():
            if isinstance(table, Mapped):
                return table.frame.toArrow().cast(table.schema)
            from penstock.engine.spark.backend import shaped

            return shaped(self._typed(table).toArrow(), table.schema().to_pyarrow())

    def export(self, table: Any, target: Path) -> None:
        """All rows in one file, by the ending of its name."""
        with self._working():
            rows = self._work / f"export-{next(_names)}"
            self._written(self._typed(table), rows)
            with self._beside(LOCAL) as here:
                files = ", ".join(parquet.literal(f) for f in sorted(rows.glob("*.parquet")))
                view = f"export_{next(_names)}"
                here.backend.raw_sql(f"CREATE VIEW {view} AS SELECT * FROM read_parquet([{files}])")
                here.export(here.backend.table(view), target)

    def aggregate(self, table: Any, expressions: Mapping[str, Any]) -> dict[str, Any]:
        """Every scalar in one query: key → plain Python value."""
        if not expressions:
            return {}
        short = {f"v{i}": key for i, key in enumerate(expressions)}
        row = self.arrow(table.aggregate(**{v: expressions[key] for v, key in short.items()})).to_pylist()[0]
        return {key: answers.plain(row[v]) for v, key in short.items()}

    def write_parquet(self, data: Any, folder: Path) -> None:
        """Rows as Parquet in a folder: Spark's workers write `part-00000.parquet`, `part-00001.parquet` …, whose
        order is that of the rows. Arrow rows and folders as on one machine."""
        folder.mkdir(parents=True, exist_ok=True)
        with self._working():
            if isinstance(data, Path):
                parquet.take(data, folder)
            elif isinstance(data, Mapped):
                self._written(data.frame, folder)
            elif hasattr(data, "to_reader") or hasattr(data, "read_next_batch"):
                parquet.write_arrow(data, folder)
            else:
                self._written(self._typed(data), folder)

    def query(self, sql: str, tables: Mapping[str, Any]) -> pa.RecordBatchReader:
        """Nothing: SQL recipes run on one machine or in a database."""
        raise Refused("SQL of people does not run on Spark.", hint="Choose `engine: auto`.")

    def describe(self, sql: str, tables: Mapping[str, Schema]) -> Schema:
        """Nothing, as `query`."""
        raise Refused("SQL of people does not run on Spark.", hint="Choose `engine: auto`.")

    def mapped(self, table: Any, function: Batches, schema: pa.Schema) -> Mapped:
        """The rows as they come out of `function`, which Spark's workers run on a partition each (`mapInArrow`).

        It gets the partition's record batches in order and gives batches with these columns. It is pickled: what it
        refers to must be importable there.
        """
        from penstock.engine.spark.backend import struct_of

        with self._working():
            settled = parquet.settled(schema)
            with quiet():
                return Mapped(self._typed(table).mapInArrow(function, struct_of(settled)), settled)

    def interrupt(self) -> None:
        """Stop whatever runs, from another thread; it then raises Aborted. Later work raises it at once."""
        self._stopped = True
        if self._remote:
            self._spark.interruptTag(self._tag)
        else:
            self._spark.sparkContext.cancelJobGroup(self._tag)

    def close(self) -> None:
        """Drop what is the session's own; Spark itself goes on, for the next one."""
        self._stack.close()

    def _typed(self, table: Any) -> Any:
        """The DataFrame of an `ibis.Table`, with exactly the types Ibis says its columns have."""
        from penstock.engine.spark.backend import select

        if not table.columns:
            raise ActivityFailed("The result has no columns.")
        parquet.check_names(table.columns)
        self.backend._run_pre_execute_hooks(table)
        types = [(name, parquet.kept_type(kind)) for name, kind in table.schema().items()]
        return self._spark.sql(select(self.backend, table, types))

    def _view(self, frame: Any) -> Any:
        name = f"penstock_{next(_names)}"
        frame.createOrReplaceTempView(name)
        return self.backend.table(name)

    def _written(self, frame: Any, folder: Path) -> None:
        """Let Spark write into a folder of its own, then take the files over under our names."""
        aside = self._work / f"write-{next(_names)}"
        with self._working():
            frame.write.parquet(str(aside))
        files = sorted(aside.glob("part-*.parquet"))
        folder.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(_with_rows(files)):
            shutil.move(file, folder / f"part-{number:05}.parquet")
        shutil.rmtree(aside, ignore_errors=True)

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        if self._stopped:
            raise Aborted(STOPPED)
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        self._mark()
        try:
            yield
        except (PySparkException, Py4JError) as error:
            raise Aborted(STOPPED) if self._stopped else _failed(error) from error

    def _mark(self) -> None:
        """What this thread asks Spark for is this session's. A driver's own tags do not reach the threads that
        collect Arrow, job groups do; a server knows tags only."""
        if self._remote:
            self._spark.addTag(self._tag)
        else:
            self._spark.sparkContext.setJobGroup(self._tag, "Penstock", interruptOnCancel=True)


class Mapped:
    """Rows that Spark's workers have yet to make: write them, or read them as Arrow."""

    def __init__(self, frame: Any, schema: pa.Schema) -> None:
        self.frame, self.schema = frame, schema


def _parts(files: Sequence[Path]) -> list[Sequence[Path]]:
    ordered = sorted(files)
    return [[f] for f in ordered] if len(ordered) <= FILES_IN_ORDER else [ordered]


def _with_rows(files: list[Path]) -> list[Path]:
    """Spark writes a file for an empty partition, too; one at least is kept, for its columns."""
    import pyarrow.parquet as pq

    return [f for f in files if pq.read_metadata(f).num_rows] or files[:1]


def _urls(files: Sequence[Path]) -> list[str]:
    return [_url(file) for file in files]


def _url(path: Path) -> str:
    """A path as Spark takes it; characters that it would read as a pattern stand for themselves."""
    return "".join("\\" + c if c in "{}[]*?\\" else c for c in str(path))


def _failed(error: Exception) -> ActivityFailed:
    return ActivityFailed(f"Spark: {first_line(error)}")
