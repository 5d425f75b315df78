"""What is kept about an object follows when it gets another name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, select, update

from penstock.store.tables import (
    active_versions,
    build_records,
    check_results,
    evaluations,
    latest_results,
    latest_values,
    metric_values,
    model_versions,
)

NAMED: dict[str, tuple[Table, ...]] = {
    "object": (metric_values, latest_values, check_results, latest_results),
    "item": (build_records,),
    "store": (evaluations,),
    "model": (model_versions, active_versions),
}
"""Column that holds the name of an object → the tables that have it."""


def follow(connection: Connection, project: str, old: str, new: str) -> None:
    """Rename an object in every table. Headers kept whole as JSON say the new name too."""
    for column, tables in NAMED.items():
        for table in tables:
            this = (table.c.project == project) & (table.c[column] == old)
            if "facts" in table.c:
                _rewrite(connection, table, this, **{column: new})
            connection.execute(update(table).where(this), {column: new})


def _rewrite(connection: Connection, table: Table, this: Any, **fields: str) -> None:
    for row in connection.execute(select(table.c.seq, table.c.facts).where(this)).all():
        changed = {"facts": {**row.facts, **fields}}
        connection.execute(update(table).where(table.c.seq == row.seq), changed)
