"""Column lineage read off expressions: every output column knows the columns of inputs its value comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir

Column = tuple[str, str]
"""Name of an unbound table, and of its column."""
BESIDE: tuple[str, ...] = ("where", "group_by", "order_by", "start", "end")
"""Arguments that choose or order rows; no value comes of them."""


def origins(table: ir.Table) -> dict[str, set[Column]]:
    """Column of a table expression → the columns of the unbound tables below that its values come from."""
    found: dict[tuple[Any, str], set[Column]] = {}
    return {column: _of_column(table.op(), column, found) for column in table.columns}


def _of_column(relation: Any, name: str, found: dict[tuple[Any, str], set[Column]]) -> set[Column]:
    import ibis.expr.operations as ops

    if isinstance(relation, ops.PhysicalTable):
        return {(relation.name, name)}
    if (relation, name) not in found:
        if isinstance(relation, ops.Set):
            parts = [_of_column(side, name, found) for side in (relation.left, relation.right)]
            found[relation, name] = set().union(*parts)
        else:
            found[relation, name] = _of_value(_defining(relation, name), found)
    return found[relation, name]


def _defining(relation: Any, name: str) -> Any:
    """The value that a column is, or the parent's column of that name."""
    value = relation.values.get(name)
    return value if value is not None else _Passed(relation.parent, name)


class _Passed:
    """A column that goes through a relation as it is."""

    def __init__(self, rel: Any, name: str) -> None:
        self.rel, self.name = rel, name


def _of_value(value: Any, found: dict[tuple[Any, str], set[Column]]) -> set[Column]:
    import ibis.expr.operations as ops

    if isinstance(value, _Passed | ops.Field):
        return _of_column(value.rel, value.name, found)
    if isinstance(value, ops.Relation):  # the rows that are counted
        return set()
    if isinstance(value, ops.ScalarSubquery):
        return set().union(*(_of_column(value.rel, name, found) for name in value.rel.schema.names))
    return set().union(*(_of_value(part, found) for part in _parts(value)))


def _parts(value: Any) -> Iterator[Any]:
    """What a value is computed from: its arguments that are expressions, but for those that only choose rows."""
    from ibis.expr.operations import Node

    for name, argument in zip(value.argnames, value.args, strict=True):
        if name in BESIDE:
            continue
        for one in argument if isinstance(argument, tuple) else (argument,):
            if isinstance(one, Node):
                yield one
