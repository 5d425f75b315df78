"""Sql_query: rows of a database, by parameters."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, model_validator

from penstock.core import lookup_file
from penstock.core.errors import AnswerFailed, BadQuery, NotFound
from penstock.core.kind import Definition
from penstock.core.names import ConnectionName
from penstock.core.service import Answer, Endpoint, Record
from penstock.kinds.endpoints import _sql

if TYPE_CHECKING:
    from penstock.core.package import EndpointContext
    from penstock.kinds.endpoints._pool import Pool


class Query(Definition):
    """SQL with `?` where values go."""

    sql: str = Field(
        min_length=1,
        description="Statements; only the last one is given values.",
        json_schema_extra={"widget": "code", "language": "sql"},
    )
    parameters: tuple[str, ...] = Field(
        default=(), description="Fields of the question, one for each `?`, in their order."
    )

    @model_validator(mode="after")
    def _as_many(self) -> Query:
        found = _sql.statements(self.sql)
        if not found:
            raise ValueError("There is no statement in it.")
        if any(_sql.markers(statement) for statement in found[:-1]):
            raise ValueError("Only the last statement is given values: a `?` stands in an earlier one.")
        wanted = _sql.markers(found[-1])
        if wanted != len(self.parameters):
            raise ValueError(
                f"The last statement has {wanted} `?`, and {len(self.parameters)} parameters are named."
            )
        return self


class SqlQuery(Endpoint):
    """Answers with the rows of a query: `{"email": "a@b"}` fills its `?`. Values are bound, never written into the SQL.

    Everything is undone afterwards unless `commit` is on. Several queries share one connection and their parameters.

    Example:
        type: sql_query
        name: customer
        connection: shop
        queries:
          - sql: SELECT * FROM customers WHERE email = ?
            parameters: [email]
    """

    VERBS: ClassVar[tuple[str, ...]] = ("query",)
    EVENT: ClassVar[str] = "sql-query"
    MAIN: ClassVar[tuple[str, ...]] = ("name", "connection", "queries")

    connection: ConnectionName = Field(
        description="A database; the node needs one of the same name.", json_schema_extra={"picked": True}
    )
    queries: tuple[Query, ...] = Field(min_length=1, description="What is asked, one after the other.")
    commit: bool = Field(default=False, description="Keep what the statements changed.")
    limit: int = Field(default=10_000, ge=1, description="Most rows of an answer.")

    def connections(self) -> Sequence[str]:
        return (self.connection,)

    def open(self, ctx: EndpointContext) -> QueryAnswers:
        from penstock.kinds.endpoints._pool import Pool

        connected = ctx.database(self.connection)
        return QueryAnswers(self, Pool.of(connected), connected.database.MARKER)

    def operations(self, model: Mapping[str, Any] | None) -> dict[str, Any]:
        asked: dict[str, Any] = {name: {} for query in self.queries for name in query.parameters}
        rows = {"type": "array", "items": {"type": "array", "items": {"type": ["string", "null"]}}}
        answer = {
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": rows,
            "updatedRows": {"type": "integer"},
        }
        request = {"type": "object", "properties": asked, "required": sorted(asked)}
        return {"query": {"request": request, "answer": {"type": "object", "properties": answer}}}


class QueryAnswers:
    """An opened SQL endpoint."""

    blocking = True

    def __init__(self, endpoint: SqlQuery, pool: Pool, marker: str) -> None:
        self._endpoint, self._pool, self._marker = endpoint, pool, marker

    def answer(self, verb: str, query: Mapping[str, Any]) -> Answer:
        if verb != "query":
            raise NotFound("verb", verb, among=SqlQuery.VERBS)
        values = [_values(asked, query) for asked in self._endpoint.queries]
        began = time.perf_counter_ns()
        try:
            with self._pool.connection() as con, self._transaction(con) as cursor:
                results = [
                    self._run(cursor, q.sql, v) for q, v in zip(self._endpoint.queries, values, strict=True)
                ]
        except Exception as error:
            raise AnswerFailed(f"The database says: {error}") from error
        body = results[0] if len(results) == 1 else {"results": results}
        spent = (time.perf_counter_ns() - began) // 1000
        told = {"rows": [len(r["rows"]) for r in results if "rows" in r]}
        return Answer(body, [Record(dict(query), told)], {"execution": spent})

    def close(self) -> None:
        self._pool.close()

    @contextlib.contextmanager
    def _transaction(self, con: Any) -> Iterator[Any]:
        cursor = con.cursor()
        cursor.execute("BEGIN")
        try:
            yield cursor
            cursor.execute("COMMIT" if self._endpoint.commit else "ROLLBACK")
        finally:
            cursor.close()

    def _run(self, cursor: Any, sql: str, values: Sequence[Any]) -> dict[str, Any]:
        *before, last = _sql.statements(sql)
        for statement in before:
            cursor.execute(statement)
        if values:
            cursor.execute(_sql.spelled(last, self._marker), tuple(values))
        else:
            cursor.execute(last)
        if cursor.description is None:
            return {"updatedRows": max(cursor.rowcount, 0)}
        rows = cursor.fetchmany(self._endpoint.limit)
        return {
            "columns": [c[0] for c in cursor.description],
            "rows": [[_text(v) for v in row] for row in rows],
        }


def _values(asked: Query, query: Mapping[str, Any]) -> list[Any]:
    missing = [name for name in asked.parameters if name not in query]
    if missing:
        raise BadQuery(
            f"The query needs {', '.join(missing)}.",
            hint=f"Its parameters are {', '.join(asked.parameters)}.",
        )
    odd = next((name for name in asked.parameters if isinstance(query[name], (list, dict))), "")
    if odd:
        raise BadQuery(f"'{odd}' must be a text, a number, true, false or null.")
    return [query[name] for name in asked.parameters]


def _text(value: Any) -> str | None:
    """Every cell is a text, as in other API nodes; nothing stays nothing."""
    told = lookup_file.cell(value)
    return None if told is None else told if isinstance(told, str) else str(told)
