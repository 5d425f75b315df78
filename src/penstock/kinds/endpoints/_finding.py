"""Rows found by a key: in a bundled SQLite file, or in a table that the node asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penstock.core import lookup_file
from penstock.core.errors import AnswerFailed, ColumnMissing
from penstock.core.lookup_file import Cell
from penstock.core.package import EndpointContext, LookupSource
from penstock.core.schema import Column
from penstock.core.service import Lookup
from penstock.kinds.endpoints._pool import Pool
from penstock.kinds.endpoints._sql import quoted

NO_KEY, NO_MATCH, SEVERAL = "NO_LOOKUP_KEY", "NO_LOOKUP_MATCH", "MULTIPLE_LOOKUP_MATCHES"


@dataclass(frozen=True, slots=True)
class Found:
    """What one lookup brought: values by the names they are given, or why there are none."""

    values: Mapping[str, Cell]
    reason: str = ""


class Finder:
    """An opened lookup. Several threads may ask it."""

    def __init__(self, lookup: Lookup, source: LookupSource) -> None:
        self.lookup = lookup
        columns = {column.name: column for column in source.packed.columns}
        self._elsewhere = source.database is not None
        self._keys = [(key.source, self._column(columns, key.column)) for key in lookup.keys]
        self._taken = [(target, self._column(columns, name)) for name, target in _wanted(lookup, columns)]
        self._pool, sql = _asked(source, [c for _, c in self._keys], [c for _, c in self._taken])
        self._ask: Callable[[Any, Sequence[Any]], Sequence[Any]] = _asking(sql)
        self._empty: dict[str, Cell] = {target: None for target, _ in self._taken}

    @property
    def targets(self) -> Sequence[str]:
        """What the values are called."""
        return tuple(self._empty)

    @property
    def fields(self) -> Sequence[str]:
        """What the query is asked for."""
        return tuple(field for field, _ in self._keys)

    def find(self, query: Mapping[str, Any]) -> Found:
        """The one row with this key. Raises AnswerFailed when the lookup is told to fail."""
        given = [query.get(field) for field, _ in self._keys]
        if any(value is None or value == "" for value in given):
            return self._unclear(NO_KEY, self.lookup.no_key, "is asked without a value for every key")
        typed = [lookup_file.key(value, column) for value, (_, column) in zip(given, self._keys, strict=True)]
        rows = [] if any(value is None for value in typed) else self._rows(self._spoken(typed))
        if not rows:
            return self._unclear(NO_MATCH, self.lookup.no_match, "has no row with this key")
        if len(rows) > 1:
            return self._unclear(SEVERAL, self.lookup.several, "has several rows with this key")
        cells = zip(self._taken, rows[0], strict=True)
        return Found({target: lookup_file.read(lookup_file.cell(v), column) for (target, column), v in cells})

    def close(self) -> None:
        self._pool.close()

    def _spoken(self, typed: Sequence[Any]) -> Sequence[Any]:
        """SQLite files keep truth as 0 and 1, databases may not."""
        if not self._elsewhere:
            return typed
        return [bool(v) if c.type == "boolean" else v for v, (_, c) in zip(typed, self._keys, strict=True)]

    def _rows(self, typed: Sequence[Any]) -> Sequence[Any]:
        """The first two rows; a connection that has died meanwhile gets one more chance."""
        for _ in range(self._pool.idle() + 1):
            try:
                with self._pool.connection() as con:
                    return self._ask(con, typed)
            except Exception as error:  # noqa: BLE001 - every driver has its own tree of errors
                failed = error
        raise AnswerFailed(f"Dataset {self.lookup.dataset} cannot be asked: {failed}") from failed

    def _unclear(self, reason: str, rule: str, says: str) -> Found:
        if rule == "fail":
            keys = ", ".join(self.fields)
            raise AnswerFailed(f"{reason}: dataset {self.lookup.dataset} {says} ({keys}).", status=400)
        return Found(self._empty, reason if rule == "ignore" else "")

    def _column(self, columns: Mapping[str, Column], name: str) -> Column:
        if name not in columns:
            raise ColumnMissing(name, dataset=self.lookup.dataset, near=columns, needed_by="A lookup")
        return columns[name]


def opened(lookup: Lookup, ctx: EndpointContext) -> Finder:
    """A lookup as it stands in the package that is being opened."""
    return Finder(lookup, ctx.lookup(lookup.dataset, lookup.mode))


def _wanted(lookup: Lookup, columns: Mapping[str, Column]) -> list[tuple[str, str]]:
    """Column → what it is called, in the order they are given."""
    if lookup.columns:
        return [(c.column, c.target) for c in lookup.columns]
    keys = {key.column for key in lookup.keys}
    return [(name, name) for name in columns if name not in keys]


def _asked(source: LookupSource, keys: Sequence[Column], taken: Sequence[Column]) -> tuple[Pool, str]:
    """Where is asked, and the SELECT."""
    if source.file is not None:
        file = source.file
        place = {column.name: f"c{n}" for n, column in enumerate(source.packed.columns)}
        return Pool(lambda: lookup_file.opened(file)), _select(
            "rows", [place[c.name] for c in taken], [place[c.name] for c in keys], "?"
        )
    assert source.database is not None
    database, packed = source.database.database, source.packed
    table = ".".join(quoted(part, database.QUOTE) for part in (packed.db_schema, packed.table) if part)
    names = [[quoted(c.name, database.QUOTE) for c in columns] for columns in (taken, keys)]
    if database.MARKER == "%s":
        table, names = (
            table.replace("%", "%%"),
            [[name.replace("%", "%%") for name in part] for part in names],
        )
    return Pool.of(source.database), _select(table, names[0], names[1], database.MARKER)


def _select(table: str, taken: Sequence[str], keys: Sequence[str], marker: str) -> str:
    where = " AND ".join(f"{key} = {marker}" for key in keys)
    return f"SELECT {', '.join(taken) or '1'} FROM {table} WHERE {where} LIMIT 2"


def _asking(sql: str) -> Callable[[Any, Sequence[Any]], Sequence[Any]]:
    def ask(con: Any, values: Sequence[Any]) -> Sequence[Any]:
        cursor = con.cursor()
        try:
            cursor.execute(sql, tuple(values))
            return list(cursor.fetchmany(2))
        finally:
            cursor.close()

    return ask
