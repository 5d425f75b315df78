"""Table in, table out: a recipe as YAML would give it, run on DuckDB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from penstock.core.registry import parse

Rows = list[dict[str, Any]]


@pytest.fixture
def ran(place: Any) -> Callable[..., dict[str, Rows]]:
    """`ran({"type": "sort", …}, table, …)` → output name → rows."""
    import ibis

    def run(definition: dict[str, Any], *tables: pa.Table | dict[str, Any]) -> dict[str, Rows]:
        recipe: Any = parse("recipes", definition)
        inputs = [ibis.memtable(t if isinstance(t, pa.Table) else pa.table(t)) for t in tables]
        return {name: place.rows(table) for name, table in recipe.results(*inputs).items()}

    return run


@pytest.fixture
def run(ran: Any) -> Callable[..., Rows]:
    """The rows of the only output."""

    def only(definition: dict[str, Any], *tables: Any) -> Rows:
        [rows] = ran({"output": "out", **definition}, *tables).values()
        return rows

    return only


@pytest.fixture
def columns(run: Any) -> Callable[..., dict[str, list[Any]]]:
    """The only output, column by column."""

    def by_column(definition: dict[str, Any], *tables: Any) -> dict[str, list[Any]]:
        rows = run(definition, *tables)
        return {name: [row[name] for row in rows] for name in (rows[0] if rows else {})}

    return by_column
