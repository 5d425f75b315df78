"""What several steps share: cells read as the type of a column, results put in place, columns by computation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.core.errors import Invalid, InvalidExpression
from penstock.core.expression import Column, Expression, call, constant
from penstock.core.formula import evaluated
from penstock.core.grammar import parse
from penstock.core.native import IBIS
from penstock.core.prepare import placed, storage_type
from penstock.core.schema import ColumnType

if TYPE_CHECKING:
    import ibis.expr.types as ir

READERS = {
    "string": "to_string", "boolean": "truth", "tinyint": "to_integer", "smallint": "to_integer",
    "int": "to_integer", "bigint": "to_integer", "float": "to_number", "double": "to_number",
    "date": "as_date", "datetime": "as_date", "datetime_tz": "as_date",
}  # fmt: skip
"""Storage type → the function that reads any cell as it."""
LIMITS = {"tinyint": 2**7, "smallint": 2**15, "int": 2**31}


def computed(table: ir.Table, target: str, formula: Expression, *, beside: str | None = None) -> ir.Table:
    """The table with a column computed by an expression, new ones right after `beside`."""
    return placed(table, target, formula.compile(table), after=beside if beside in table.columns else None)


def read_as(value: Expression, wanted: ColumnType, table: ir.Table) -> ir.Value:
    """Any value as a storage type; null for what cannot be read as it."""
    read: Any = call(READERS[wanted], value).compile(table)
    if wanted in LIMITS:
        limit = LIMITS[wanted]
        read = ((read >= -limit) & (read < limit)).ifelse(read, None)
    return read if read.type() == IBIS[wanted] else read.cast(IBIS[wanted])


def typed(value: Any, column: ir.Value, name: str) -> ir.Value:
    """A constant as the type of a column. Raises Invalid when it cannot be."""
    wanted = storage_type(column)
    plain = evaluated(call(READERS.get(wanted, "to_string"), constant(value)), {})
    if plain is None:
        raise Invalid(f"'{value}' cannot stand in column '{name}', which holds {wanted} values.")
    literal: Any = constant(plain).compile(column)
    return literal if literal.type() == column.type() else literal.cast(column.type())


def without_empty(column: Any) -> Any:
    """A column in which a text of no characters, and not-a-number, are null."""
    if column.type().is_floating():
        return column.isnan().ifelse(None, column)
    return column.nullif("") if column.type().is_string() else column


def is_empty(name: str) -> Expression:
    return call("is_empty", Column(name))


def free_name(table: ir.Table, name: str) -> str:
    """A name that the table does not have yet. Raises Invalid."""
    if name in table.columns:
        raise Invalid(
            f"There is a column '{name}' already.", hint="Choose another name, or delete that column first."
        )
    return name


def with_typical(table: ir.Table, name: str, how: str) -> ir.Value:
    """A column whose empty cells hold its mean, median, or most frequent value."""
    column: Any = without_empty(table[name])
    if how == "mode":
        return column.coalesce(most_frequent(table, name))
    if not column.type().is_numeric():
        raise Invalid(f"Column '{name}' has no {how}: it does not hold numbers.")
    typical = table.select(x=column).x
    found = typical.mean() if how == "mean" else typical.median()
    return column.cast("float64").coalesce(found.as_scalar().cast("float64"))


def most_frequent(table: ir.Table, name: str) -> ir.Value:
    """The value that most rows have; of equally frequent ones the smallest."""
    import ibis

    filled = table.select(x=without_empty(table[name]))
    filled = filled.filter(filled.x.notnull())
    counted = filled.group_by("x").agg(n=filled.count())
    return counted.order_by([ibis.desc("n"), "x"]).limit(1).x.as_scalar()


def checked(formula: Expression) -> None:
    """Refuse constants that a function can never work with. Raises ValueError, as validators want it."""
    try:
        parse(str(formula))
    except InvalidExpression as error:
        raise ValueError(error.message.partition(": ")[2]) from error


def escaped(text: str) -> str:
    """A text as a regular expression that finds just it, in every engine's dialect."""
    return "".join(c if c.isalnum() or c == " " else f"[{c}]" if c not in "^\\[]" else f"\\{c}" for c in text)
