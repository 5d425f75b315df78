"""Aggregates: one number (or value) out of many, with the rules that all recipes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from penstock.core.errors import Invalid

if TYPE_CHECKING:
    import ibis.expr.types as ir

Function = Literal[
    "count", "count_distinct", "sum", "avg", "min", "max", "stddev", "median", "first", "last", "concat"
]
NUMERIC = frozenset({"sum", "avg", "stddev", "median"})
ORDERED = frozenset({"first", "last", "concat"})


def aggregate(
    function: Function, column: ir.Value, *, where: Any = None, order: Any = None, name: str = ""
) -> Any:
    """An Ibis aggregate. Nulls are left out; of no value at all, counts are 0 and everything else null.

    sum of integers is a 64-bit integer, stddev the sample's (n - 1; null for one value). first and last follow
    `order`, and are null when that row's value is.
    """
    if function in NUMERIC:
        column = _number(column, function, name)
    whole = column.type().is_integer()
    match function:
        case "count":
            return column.count(where=where)
        case "count_distinct":
            return column.nunique(where=where)
        case "sum":
            return column.sum(where=where).cast("int64" if whole else "float64")
        case "avg":
            return column.cast("float64").mean(where=where)
        case "stddev":
            return column.cast("float64").std(where=where, how="sample")
        case "median":
            return column.cast("float64").median(where=where)
        case "min":
            return column.min(where=where)
        case "max":
            return column.max(where=where)
        case "first":
            return column.first(where=where, order_by=order, include_null=True)
        case "last":
            return column.last(where=where, order_by=order, include_null=True)
    return _text(column).group_concat(", ", where=where, order_by=order)


def _number(column: ir.Value, function: str, name: str) -> Any:
    kind = column.type()
    if kind.is_boolean():
        return column.cast("int64")
    if not kind.is_numeric():
        raise Invalid(
            f"{function} needs numbers, and {name or column.get_name()} is {kind}.",
            hint="Give the column a numeric type, or cast it in a Prepare recipe.",
        )
    return column.cast("float64") if kind.is_decimal() else column


def _text(column: ir.Value) -> Any:
    return column if column.type().is_string() else column.cast("string")
