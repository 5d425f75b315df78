"""Rows by number and by chance: numbered, drawn, ranked, and back in their order; see core/chance.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.core.chance import SPAN, mixed

if TYPE_CHECKING:
    import ibis.expr.types as ir

ROW, DRAW = "__row", "__draw"


def numbered(table: ir.Table) -> ir.Table:
    """With `__row`: 0, 1, 2 … in the order of the rows."""
    import ibis

    return table.mutate(**{ROW: ibis.row_number().cast("int64")})


def drawn(table: ir.Table, seed: int) -> ir.Table:
    """With `__row` and `__draw`, an evenly spread number below SPAN."""
    rows = numbered(table)
    return rows.mutate(**{DRAW: mixed(rows[ROW], seed)})


def ranked(table: ir.Table, column: str, seed: int) -> ir.Table:
    """With `__rank`, 0 for the first drawn row of each value of a column, and `__size`, the rows of that value."""
    import ibis

    rows = drawn(table, seed)
    same = ibis.window(group_by=rows[column])
    drawn_first = ibis.window(group_by=rows[column], order_by=rows[DRAW])
    return rows.mutate(
        __rank=ibis.row_number().over(drawn_first).cast("int64"), __size=rows.count().over(same).cast("int64")
    )


def wanted(table: ir.Table, n: int | None, ratio: float | None) -> Any:
    """How many rows are asked for."""
    return n if n is not None else table.count().as_scalar() * ratio


def in_order(table: ir.Table) -> ir.Table:
    """The rows in their first order again, without our columns."""
    return table.order_by(ROW).drop(*(c for c in table.columns if c in _OURS))


_OURS = frozenset({ROW, DRAW, "__rank", "__size", "__first"})

__all__ = ["DRAW", "ROW", "SPAN", "drawn", "in_order", "numbered", "ranked", "wanted"]
