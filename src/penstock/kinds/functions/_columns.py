"""Ibis values as the language reads them. Twin of `_values.py`: both give the same answers.

Portable Ibis only. Texts are checked by the same regular expressions before they are cast, so no cast can fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.core.errors import InvalidExpression
from penstock.kinds.functions._values import DAY_TEXT, LIMIT, MOMENT, MOMENT_TEXT, NUMBER

if TYPE_CHECKING:
    import ibis.expr.types as ir


def number(value: Any) -> ir.NumericValue:
    """int64, or float64 for everything that is not an integer."""
    kind = value.type()
    if kind.is_integer() or kind.is_boolean() or kind.is_null():
        return value if kind.is_int64() else value.cast("int64")
    if kind.is_float64():
        return value
    if kind.is_numeric():
        return value.cast("float64")
    if kind.is_json():
        return _number_in(value.cast("string").strip().re_replace('^"(.*)"$', "\\1"))
    return _number_in(value) if kind.is_string() else nothing("float64")


def _number_in(text: ir.StringValue) -> ir.NumericValue:
    stripped = text.strip()
    return finite(when(stripped.re_search(NUMBER), stripped).cast("float64"))


def finite(value: ir.NumericValue) -> ir.NumericValue:
    """Null instead of an infinity or not-a-number."""
    return when(~(value.isnan() | value.isinf()), value)


def fitting(value: ir.NumericValue) -> ir.NumericValue:
    """Null instead of a double that no int64 holds."""
    return value if value.type().is_integer() else when(value.abs() < LIMIT, value)


def whole(value: Any) -> ir.IntegerValue:
    """int64, decimals cut off."""
    read = number(value)
    if read.type().is_integer():
        return read
    size = when(read.abs() < 2.0**63, read.abs()).floor().cast("int64")
    return (read < 0).ifelse(-size, size)


def text(value: Any) -> ir.StringValue:
    """true, 1.5, 2013-04-01 10:00:00."""
    import ibis

    kind = value.type()
    if kind.is_string():
        return value
    if kind.is_boolean():
        return ibis.cases((value, "true"), (~value, "false"))
    if kind.is_timestamp():
        return plain(value).strftime(MOMENT_TEXT)
    if kind.is_date():
        return value.strftime(DAY_TEXT)
    if kind.is_json():
        return ibis.coalesce(value.str, when(value.cast("string") != "null", value.cast("string")))
    return value.cast("float64").cast("string") if kind.is_decimal() else value.cast("string")


def plain(value: Any) -> ir.TimestampValue:
    """An instant as UTC without a zone."""
    return value.cast("timestamp") if value.type().timezone else value


def moment(value: Any) -> ir.TimestampValue:
    """A timestamp without a zone, in UTC."""
    kind = value.type()
    if kind.is_timestamp():
        return plain(value)
    if kind.is_date() or kind.is_null():
        return value.cast("timestamp")
    if kind.is_json():
        return moment(text(value))
    if not kind.is_string():
        return nothing("timestamp")
    iso = when(value.re_search(MOMENT), value.strip())
    return iso.cast("timestamp('UTC')").cast("timestamp")


def truth(value: Any) -> ir.BooleanValue:
    """A boolean; numbers other than 0 and the text 'true' are true."""
    import ibis

    kind = value.type()
    if kind.is_boolean():
        return value
    if kind.is_null():
        return value.cast("boolean")
    if kind.is_numeric():
        return value != 0
    if not (kind.is_string() or kind.is_json()):
        return nothing("boolean")
    word = text(value).strip().lower()
    return ibis.cases((word == "true", True), (word == "false", False))


def alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Two values read as the same sort: numbers beside a number, moments beside a moment, else texts."""
    kinds = [left.type(), right.type()]
    if all(k.is_boolean() for k in kinds):
        return left, right
    if any(k.is_timestamp() or k.is_date() for k in kinds):
        return moment(left), moment(right)
    if any(k.is_numeric() for k in kinds):
        return number(left), number(right)
    if any(k.is_array() or k.is_struct() or k.is_map() for k in kinds) and kinds[0] == kinds[1]:
        return left, right
    return text(left), text(right)


def same_type(values: list[Any]) -> list[Any]:
    """Values that may stand in one column: all numbers, all moments, all truths, or all texts."""
    kinds = [v.type() for v in values if not v.type().is_null()]
    if not kinds or all(k == kinds[0] for k in kinds):
        return [v.cast(kinds[0]) if kinds and v.type().is_null() else v for v in values]
    if all(k.is_numeric() for k in kinds):
        read = [number(v) for v in values]
        return read if all(v.type().is_integer() for v in read) else [v.cast("float64") for v in read]
    if all(k.is_timestamp() or k.is_date() for k in kinds):
        return [moment(v) for v in values]
    return [text(v) for v in values]


def when(condition: Any, value: Any) -> Any:
    """The value where the condition is true, null elsewhere."""
    return condition.ifelse(value, nothing(value.type()))


def nothing(kind: Any) -> Any:
    """A null of a type."""
    import ibis

    return ibis.null(kind)


def fixed(value: Any, what: str) -> Any:
    """The plain value of a constant argument. Raises InvalidExpression when it is a column or a calculation."""
    operation = value.op()
    if not hasattr(operation, "value"):
        raise InvalidExpression(f"The {what} must be a constant, the same for every row.")
    return operation.value


def elements(array: Any) -> Any:
    """A list column; a JSON column as a list of JSON values."""
    return array.array if array.type().is_json() else array
