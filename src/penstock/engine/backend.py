"""Ibis's DuckDB backend, where it calls what DuckDB 2 no longer has. To be deleted when Ibis has caught up."""

from __future__ import annotations

from typing import Any

import duckdb
import ibis.expr.schema as sch
import pyarrow as pa
from ibis.backends.duckdb import Backend as IbisBackend
from ibis.common.exceptions import TableNotFound


class Backend(IbisBackend):
    """The same backend; results come as Arrow by the calls that exist."""

    @property
    def version(self) -> str:
        """DuckDB's version; Ibis would read it from the package's files each time a session opens."""
        return str(duckdb.__version__)

    def get_schema(
        self, table_name: str, *, catalog: str | None = None, database: str | None = None
    ) -> sch.Schema:
        place = ".".join(_quoted(part) for part in (catalog, database, table_name) if part)
        try:
            return self._get_schema_using_query(place)
        except duckdb.CatalogException as error:
            raise TableNotFound(table_name) from error

    def list_tables(
        self, *, like: str | None = None, database: tuple[str, str] | str | None = None
    ) -> list[str]:
        place = self._to_sqlglot_table(database)
        found = self.con.execute(
            "SELECT DISTINCT table_name FROM information_schema.tables "
            "WHERE table_catalog IN (?, 'temp') AND table_schema = ? ORDER BY 1",
            [place.catalog or self.current_catalog, place.db or self.current_database],
        ).fetchall()
        return self._filter_with_like([name for (name,) in found], like)

    def to_pyarrow_batches(
        self, expr: Any, /, *, params: Any = None, limit: Any = None, chunk_size: int = 1_000_000, **_: Any
    ) -> pa.RecordBatchReader:
        relation = self._to_duckdb_relation(expr, params=params, limit=limit)
        schema = expr.as_table().schema().to_pyarrow()
        reader = relation.to_arrow_reader(chunk_size)
        return pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in reader))

    def _get_schema_using_query(self, query: str) -> sch.Schema:
        rows = self.con.execute(f"DESCRIBE {query}").fetchall()
        read = self.compiler.type_mapper.from_string
        return sch.Schema({name: read(kind, nullable=null == "YES") for name, kind, null, *_ in rows})


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
