"""Columns, their types and meanings, and the differences between two schemas."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from typing import Any, Literal

from pydantic import Field

from penstock.core.kind import Definition

ColumnType = Literal[
    "string", "tinyint", "smallint", "int", "bigint", "float", "double", "boolean",
    "date", "datetime", "datetime_tz", "array", "map", "object",
]  # fmt: skip
"""Storage types. `datetime` has no zone, `datetime_tz` is an instant in UTC."""

NUMERIC_TYPES = frozenset({"tinyint", "smallint", "int", "bigint", "float", "double"})
INTEGER_TYPES = frozenset({"tinyint", "smallint", "int", "bigint"})
TIME_TYPES = frozenset({"date", "datetime", "datetime_tz"})


_ARROW_TYPES: dict[str, ColumnType] = {
    "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
    "uint8": "smallint", "uint16": "int", "uint32": "bigint", "uint64": "bigint",
    "halffloat": "float", "float": "float", "double": "double", "bool": "boolean",
}  # fmt: skip
_ARROW_FAMILIES: dict[str, ColumnType] = {
    "decimal": "double", "date": "date", "list": "array", "large_list": "array", "fixed_size_list": "array",
    "map": "map", "struct": "object",
}  # fmt: skip


def column_type(arrow: str) -> ColumnType:
    """The storage type of an Arrow type, given as its text: `int64` → bigint, `list<item: string>` → array.

    What has no twin (texts, binary, times of day, durations, all-null columns) is a string.
    """
    if arrow in _ARROW_TYPES:
        return _ARROW_TYPES[arrow]
    family = re.split(r"[<\[(\d]", arrow, maxsplit=1)[0]
    if family == "dictionary":
        return column_type(arrow.removeprefix("dictionary<values=").rsplit(", indices=", 1)[0])
    if family == "timestamp":
        return "datetime_tz" if "tz=" in arrow else "datetime"
    return _ARROW_FAMILIES.get(family.removesuffix("_view"), "string")


class Column(Definition):
    """One column of a dataset."""

    name: str = Field(description="As in the data; any text.")
    type: ColumnType = Field(default="string", description="Storage type.")
    meaning: str = Field(default="", description="What a cell means: email, country, latitude …")
    description: str = Field(default="", description="For people: what is in it.")
    max_length: int = Field(default=-1, description="Longest text in characters; -1 = unlimited.")


Schema = tuple[Column, ...]


class SchemaChange(Definition):
    """One difference between two schemas."""

    column: str
    what: Literal["added", "removed", "retyped", "moved"]
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        detail = {
            "added": f" ({self.after})",
            "removed": f" ({self.before})",
            "retyped": f" from {self.before} to {self.after}",
            "moved": "",
        }
        return f"column '{self.column}' was {self.what}{detail[self.what]}"


def differences(before: Sequence[Column], after: Sequence[Column]) -> list[SchemaChange]:
    """What changed in names, types and order, in the order of the newer schema; descriptions do not count."""
    old = {c.name: c for c in before}
    new = {c.name: c for c in after}
    changes = [SchemaChange(column=n, what="removed", before=c.type) for n, c in old.items() if n not in new]
    for name, column in new.items():
        if name not in old:
            changes.append(SchemaChange(column=name, what="added", after=column.type))
        elif old[name].type != column.type:
            changes.append(
                SchemaChange(column=name, what="retyped", before=old[name].type, after=column.type)
            )
    shared_before = [n for n in old if n in new]
    shared_after = [n for n in new if n in old]
    changes += [
        SchemaChange(column=a, what="moved")
        for a, b in zip(shared_after, shared_before, strict=True)
        if a != b
    ]
    return changes


def broken(changes: Iterable[SchemaChange], *, but: Container[str] = ()) -> list[SchemaChange]:
    """What a definition of some columns promises and the data does not keep: columns removed, or of another type.

    The types of the columns in `but` do not count: nobody said what they are.
    """
    return [c for c in changes if c.what == "removed" or (c.what == "retyped" and c.column not in but)]


def appeared(before: Sequence[Column], after: Sequence[Column]) -> list[SchemaChange]:
    """Columns that came or went."""
    return [c for c in differences(before, after) if c.what in ("added", "removed")]


def described_like(columns: Iterable[Column], known: Iterable[Column]) -> Schema:
    """Fresh columns that keep the description and meaning people gave to the same names before."""
    by_name = {c.name: c for c in known}
    return tuple(
        c.changed(
            description=c.description or by_name[c.name].description,
            meaning=c.meaning or by_name[c.name].meaning,
        )
        if c.name in by_name
        else c
        for c in columns
    )


def loses_zeros(values: Iterable[Any]) -> bool:
    """Whether texts are all digits and some would lose a zero at their front as numbers: `007`, `01067`."""
    filled = [v for v in values if v not in (None, "")]
    is_digits = bool(filled) and all(isinstance(v, str) and v.isdecimal() for v in filled)
    return is_digits and any(len(v) > 1 and v.startswith("0") for v in filled)
