"""Storage types as Ibis and Arrow spell them: the dictionary between `Column.type` and the engines' words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from penstock.core.schema import Column, ColumnType, Schema

IBIS: dict[ColumnType, str] = {
    "string": "string", "tinyint": "int8", "smallint": "int16", "int": "int32", "bigint": "int64",
    "float": "float32", "double": "float64", "boolean": "boolean",
    "date": "date", "datetime": "timestamp(6)", "datetime_tz": "timestamp('UTC', 6)",
}  # fmt: skip
"""Storage type → Ibis data type. Arrays, maps and objects keep the type they have."""

_WORDS: dict[str, ColumnType] = {
    "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
    "uint8": "smallint", "uint16": "int", "uint32": "bigint", "uint64": "bigint",
    "halffloat": "float", "float16": "float", "float32": "float", "float": "float",
    "float64": "double", "double": "double", "bool": "boolean", "boolean": "boolean",
    "date": "date", "date32": "date", "date64": "date",
    "array": "array", "list": "array", "large_list": "array", "fixed_size_list": "array",
    "map": "map", "struct": "object", "json": "object",
}  # fmt: skip


def storage_type(native: str) -> ColumnType:
    """The storage type behind an Ibis or Arrow type's text: `timestamp[us, tz=UTC]` → datetime_tz."""
    text = native.removeprefix("!").lower()
    word = re.match(r"\w*", text)
    head = word.group() if word else ""
    if head == "timestamp":
        return "datetime_tz" if "tz=" in text or "'" in text else "datetime"
    if head.startswith("decimal"):
        return _decimal(text)
    if head == "dictionary":
        return storage_type(text.partition("values=")[2])
    return _WORDS.get(head, "string")


def columns_of(natives: Iterable[tuple[str, object]]) -> Schema:
    """(name, native type) pairs, such as `schema.items()` of Ibis gives, as columns."""
    return tuple(Column(name=name, type=storage_type(str(native))) for name, native in natives)


def _decimal(text: str) -> ColumnType:
    """Whole decimals that fit are integers; the rest are read as doubles."""
    sizes = [int(n) for n in re.findall(r"-?\d+", text.partition("(")[2])]
    return "bigint" if len(sizes) == 2 and sizes[1] == 0 and sizes[0] <= 18 else "double"
