"""People's SQL on an instance of its own: it sees the tables it was given, and no other file, network or setting."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import InvalidExpression, NotFound, Refused
from penstock.core.native import columns_of
from penstock.engine.parquet import literal, name

if TYPE_CHECKING:
    import duckdb

    from penstock.core.schema import ColumnType, Schema

TYPES: dict[ColumnType, str] = {
    "string": "VARCHAR", "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT",
    "float": "FLOAT", "double": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP",
    "datetime_tz": "TIMESTAMPTZ", "array": "VARCHAR[]", "map": "MAP(VARCHAR, VARCHAR)", "object": "JSON",
}  # fmt: skip


def opened(settings: Mapping[str, Any], tables: Mapping[str, Sequence[Path]]) -> duckdb.DuckDBPyConnection:
    """A sealed instance in which each table is a view over its Parquet files."""
    con = _fresh(settings)
    for table, files in tables.items():
        listed = ", ".join(literal(f) for f in files)
        con.execute(
            f"CREATE VIEW {name(table)} AS SELECT * FROM read_parquet([{listed}], union_by_name = true)"
        )
    allowed = ", ".join(literal(f) for files in tables.values() for f in files)
    con.execute(f"SET allowed_paths = [{allowed}]")
    return _locked(con)


def described(settings: Mapping[str, Any], sql: str, tables: Mapping[str, Schema]) -> Schema:
    """The columns of a query over empty tables of these columns."""
    con = _fresh({**settings, "threads": 1})
    try:
        for table, columns in tables.items():
            listed = ", ".join(f"{name(c.name)} {TYPES[c.type]}" for c in columns)
            con.execute(f"CREATE TABLE {name(table)} ({listed})")
        result = _locked(con).sql(select(con, sql)).to_arrow_table()
        return columns_of(result.schema)
    finally:
        con.close()


def select(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The last SELECT of a text, with huge integers brought to 64 bits. Raises Refused for anything but SELECTs."""
    import duckdb

    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        raise InvalidExpression(f"The SQL does not parse: {error}", text=sql) from error
    if not statements:
        raise InvalidExpression("There is no SQL to run.", text=sql, hint="Write a SELECT.")
    for statement in statements:
        if statement.type != duckdb.StatementType.SELECT:
            raise Refused(
                f"A SQL recipe may only SELECT; this is {statement.type.name}: {_short(statement.query)}",
                hint="Its inputs are tables by their names; its output is written by Penstock.",
            )
    try:
        return _narrowed(con, statements[-1].query.strip().rstrip(";"))
    except duckdb.CatalogException as error:
        missing = re.search(r"Table with name \"?([^\s\"!]+)\"? does not exist", str(error))
        if missing is None:
            raise
        raise NotFound("table", missing[1], among=_tables(con), where="the inputs") from error


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall()]


def _narrowed(con: duckdb.DuckDBPyConnection, query: str) -> str:
    relation = con.sql(query)
    huge = [
        c for c, t in zip(relation.columns, relation.types, strict=True) if str(t) in ("HUGEINT", "UHUGEINT")
    ]
    if not huge or len(set(relation.columns)) < len(relation.columns):
        return query
    casts = ", ".join(f"CAST({name(c)} AS BIGINT) AS {name(c)}" for c in huge)
    return f"SELECT * REPLACE ({casts}) FROM ({query}\n)"


def _fresh(settings: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect(":memory:", config=dict(settings))
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET python_enable_replacements = false")
    return con


def _locked(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _short(query: str) -> str:
    flat = " ".join(query.split())
    return flat if len(flat) <= 80 else f"{flat[:79]}…"
