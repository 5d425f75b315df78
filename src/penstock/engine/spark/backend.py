"""Ibis's PySpark backend with the types and the words of the other engines, and with Arrow where it takes pandas.

What is overridden here was measured with Ibis 12, PySpark 4.3 and pandas 3; each override says what was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import pyarrow as pa
from ibis.common.exceptions import TableNotFound

from penstock.engine.spark.compiler import Compiler
from penstock.engine.spark.machine import quiet

with quiet():
    from ibis.backends.pyspark import Backend as IbisBackend
    from ibis.backends.pyspark.datatypes import PySparkType


class Backend(IbisBackend):
    """The same backend; tables keep whether their instants have a zone, and results come as Arrow."""

    compiler = Compiler()

    def get_schema(
        self, table_name: str, *, catalog: str | None = None, database: str | None = None
    ) -> sch.Schema:
        from pyspark.errors import AnalysisException

        try:
            return schema_of(self._session.table(_quoted(table_name)).schema)
        except AnalysisException as error:
            raise TableNotFound(table_name) from error

    def list_tables(
        self, *, like: str | None = None, database: tuple[str, str] | str | None = None
    ) -> list[str]:
        found = [row.viewName for row in self._session.sql("SHOW VIEWS").collect() if row.isTemporary]
        return self._filter_with_like(found, like)

    def to_pyarrow(self, expr: Any, /, *, params: Any = None, limit: Any = None, **_: Any) -> Any:
        """Through Arrow: Ibis would take pandas, which loses integers with nulls."""
        table = expr.as_table()
        self._run_pre_execute_hooks(expr)
        frame = self._session.sql(self.compile(table, params=params, limit=limit))
        return expr.__pyarrow_result__(shaped(frame.toArrow(), table.schema().to_pyarrow()))

    def to_pyarrow_batches(
        self, expr: Any, /, *, params: Any = None, limit: Any = None, chunk_size: int = 1_000_000, **_: Any
    ) -> pa.RecordBatchReader:
        found = self.to_pyarrow(expr.as_table(), params=params, limit=limit)
        return pa.RecordBatchReader.from_batches(found.schema, found.to_batches(max_chunksize=chunk_size))

    def execute(self, expr: Any, /, *, params: Any = None, limit: Any = None, **_: Any) -> Any:
        table = expr.as_table()
        found = self.to_pyarrow(table, params=params, limit=limit)
        return expr.__pandas_result__(found.to_pandas())

    def _get_schema_using_query(self, query: str) -> sch.Schema:
        return schema_of(self._session.sql(query).schema)

    def _register_udfs(self, expr: Any) -> None:
        """None is needed; Ibis would register some that go through pandas."""

    def _register_in_memory_table(self, op: Any) -> None:
        """As Arrow, with the types it has: Ibis would take pandas."""
        frame(self._session, op.data.to_pyarrow(op.schema)).createOrReplaceTempView(op.name)


Backend.register_options()  # as Ibis does for a backend that it opens by itself


def frame(session: Any, data: pa.Table) -> Any:
    """Arrow rows as a DataFrame; naive instants stay naive."""
    return session.createDataFrame(data, schema=struct_of(data.schema))


def struct_of(schema: pa.Schema) -> Any:
    """The columns of Arrow rows, as Spark spells them."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema, prefer_timestamp_ntz=True)


def schema_of(struct: Any) -> sch.Schema:
    """The columns of a DataFrame: TIMESTAMP is an instant in UTC, TIMESTAMP_NTZ has no zone."""
    return sch.Schema({field.name: _type_of(field.dataType) for field in struct.fields})


def _type_of(kind: Any) -> dt.DataType:
    import pyspark.sql.types as pt

    if isinstance(kind, pt.TimestampType):
        return dt.Timestamp(timezone="UTC", scale=6)
    if isinstance(kind, pt.TimestampNTZType):
        return dt.Timestamp(scale=6)
    if isinstance(kind, pt.ArrayType):
        return dt.Array(_type_of(kind.elementType))
    if isinstance(kind, pt.MapType):
        return dt.Map(_type_of(kind.keyType), _type_of(kind.valueType))
    if isinstance(kind, pt.StructType):
        return dt.Struct({f.name: _type_of(f.dataType) for f in kind.fields})
    if isinstance(kind, (pt.StringType, pt.CharType, pt.VarcharType)):
        return dt.String()
    found: dt.DataType = PySparkType.to_ibis(kind)
    return found


def select(backend: Backend, table: Any, types: Iterable[tuple[str, dt.DataType]]) -> str:
    """The SELECT of an `ibis.Table`, whose columns have exactly these types."""
    mapper = backend.compiler.type_mapper
    schema = table.schema()
    cells = [f"{_cell(_quoted(n), schema[n], mapper.to_string(kind))} AS {_quoted(n)}" for n, kind in types]
    return f"SELECT {', '.join(cells)} FROM (\n{backend.compile(table)}\n)"


def shaped(found: pa.Table, schema: pa.Schema) -> pa.Table:
    """An answer with the types that Ibis says its columns have."""
    arrays = [
        pa.nulls(found.num_rows) if pa.types.is_null(f.type) else found.column(i).cast(f.type)
        for i, f in enumerate(schema)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _cell(column: str, given: dt.DataType, wanted: str) -> str:
    if given.is_json():
        return f"to_json({column})"
    if given.is_array() and given.value_type.is_json():
        return f"transform({column}, x -> to_json(x))"
    return f"CAST({column} AS {wanted})"


def _quoted(word: str) -> str:
    return "`" + word.replace("`", "``") + "`"
