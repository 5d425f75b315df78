"""Chance without dice: a number per row from its position and the seed, the same on every engine and run.

Rows are numbered in the order in which they come. A multiply-and-shift mixer of 31 bits, each step of which can
be undone, turns the number into a permutation of 0 .. 2^31-1: no two rows share a number, and plain integer
arithmetic needs nothing that engines do differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir

SPAN = 2**31
ROW, DRAW = "__row", "__draw"
_MASK = SPAN - 1
_STEPS = ((0x2C1B3C6D, 15), (0x297A2D39, 13), (0x5851F42D, 16), (0x1B873593, 15))


def numbered(table: ir.Table) -> ir.Table:
    """With `__row`: 0, 1, 2 … in the order of the rows."""
    import ibis

    return table.mutate(**{ROW: ibis.row_number().cast("int64")})


def drawn(table: ir.Table, seed: int) -> ir.Table:
    """With `__row` and `__draw`, an evenly spread number below SPAN."""
    rows = numbered(table)
    return rows.mutate(**{DRAW: mixed(rows[ROW], seed)})


def mixed(number: Any, seed: int) -> Any:
    """A whole number, column or int, as a scattered one below SPAN."""
    value = (number + scattered(seed)) & _MASK
    for factor, shift in _STEPS:
        value = (value * factor) & _MASK
        value = value ^ (value >> shift)
    return value


def scattered(seed: int) -> int:
    """The seed itself, mixed, so that neighbouring seeds begin far apart."""
    value = (seed * 0x9E3779B1 + 0x7F4A7C15) & _MASK
    for factor, shift in _STEPS:
        value = (value * factor) & _MASK
        value ^= value >> shift
    return value


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
