"""Columns of an Ibis table as probes and rules see them. Only methods of what is given are called."""

from __future__ import annotations

from typing import Any

from penstock.core.errors import ColumnMissing, Invalid


def existing_column(table: Any, name: str, dataset: str) -> Any:
    """A column of an Ibis table. Raises ColumnMissing with the nearest name."""
    if name not in table.columns:
        raise ColumnMissing(name, dataset=dataset, near=table.columns)
    return table[name]


def number_column(table: Any, name: str, dataset: str) -> Any:
    """A numeric column of an Ibis table; decimals become doubles. Raises Invalid for any other type."""
    column = existing_column(table, name, dataset)
    if not column.type().is_numeric():
        raise Invalid(f"Column '{name}' of dataset {dataset} is {column.type()}, not a number.")
    return column.cast("float64") if column.type().is_decimal() else column


def cleaned(column: Any) -> Any:
    """An Ibis column with NaN and empty texts as nulls: what statistics and rules call the filled cells.

    One expression per column that every aggregate shares is computed once, where a filter per aggregate is not.
    """
    kind = column.type()
    if kind.is_floating():
        return column.isnan().ifelse(None, column)
    return column.nullif("") if kind.is_string() else column


def most_frequent(table: Any, column: str, top: int) -> Any:
    """An Ibis table of the `top` most frequent filled cells: value, count; of equals the smaller value wins."""
    cells = table.select(value=cleaned(table[column]))
    rows = cells.filter(cells["value"].notnull())
    counted = rows.group_by("value").aggregate(count=rows.count())
    return counted.order_by([counted["count"].desc(), counted["value"]]).limit(top)


def in_order(frequent: Any, what: Any) -> Any:
    """One Ibis scalar: `what` of every row of a `most_frequent` table as a list, the most frequent first."""
    order = [frequent["count"].desc(), frequent["value"]]
    return frequent.aggregate(listed=what.collect(order_by=order))["listed"].as_scalar()
