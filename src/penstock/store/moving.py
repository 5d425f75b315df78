"""A state moves from one database to another: every row of every table, looked at again before it counts as moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from penstock.core.errors import Conflict, Failed
from penstock.store.database import Database
from penstock.store.tables import NO_NUL, metadata

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Moved:
    """What was copied."""

    rows: Mapping[str, int]
    """Table → its rows."""

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def move(old: Database, new: Database) -> Moved:
    """Copy everything; nobody can write to the old one meanwhile, and it stays as it is.

    In one transaction: after any failure the new one is empty. Raises Conflict when it was not empty before.
    """
    with old.write() as source, new.write(durable=True) as target:
        _require_empty(target, new)
        if old.on_server:
            names = ", ".join(table.name for table in metadata.sorted_tables)
            source.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
        rows = {table.name: _copy(table, source, target) for table in metadata.sorted_tables}
        for table in metadata.sorted_tables:
            _count_on(table, target, new)
    return Moved(rows)


def _require_empty(target: Connection, new: Database) -> None:
    for table in metadata.sorted_tables:
        if target.execute(select(text("1")).select_from(table).limit(1)).first() is not None:
            raise Conflict(
                f"There is a state in {_name(new)} already: its table {table.name} is not empty.",
                hint="Give an empty database.",
            )


def _copy(table: Table, source: Connection, target: Connection) -> int:
    """Returns how many rows there are, the same on both sides and with the same content."""
    for some in _some(table, source):
        target.execute(insert(table), some)
    there, here = _facts(table, source), _facts(table, target)
    if there != here:
        raise Failed(
            f"Table {table.name} is not the same after copying: {there[0]} rows there, {here[0]} here.",
            hint="The old state is untouched and in use.",
        )
    return here[0]


def _facts(table: Table, connection: Connection) -> tuple[int, int]:
    """(rows, a number that their content gives in whatever order they come)."""
    count, content = 0, 0
    for some in _some(table, connection):
        count += len(some)
        content += sum(_number(row) for row in some)
    return count, content % 2**64


def _number(row: Mapping[str, Any]) -> int:
    plain = repr(sorted(row.items())).replace("\\x00", NO_NUL)
    return int.from_bytes(sha256(plain.encode("utf-8", "surrogatepass")).digest()[:8])


def _some(table: Table, connection: Connection) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table, some at a time, without ever holding all of them."""
    query = select(table).execution_options(yield_per=AT_ONCE)
    for some in connection.execute(query).mappings().partitions(AT_ONCE):
        yield [dict(row) for row in some]


def _count_on(table: Table, target: Connection, new: Database) -> None:
    """Have the server number on after the rows it did not number itself."""
    if new.on_server and "seq" in table.c:
        last = target.execute(select(func.max(table.c.seq))).scalar()
        sequence = func.pg_get_serial_sequence(table.name, "seq")
        if last and target.execute(select(sequence)).scalar():
            target.execute(select(func.setval(sequence, last)))


def _name(database: Database) -> str:
    return database.url.set(query={}).render_as_string()
