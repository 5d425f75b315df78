"""Columns, their types and meanings, and the differences between two schemas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

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
        detail = f" from {self.before} to {self.after}" if self.before or self.after else ""
        return f"column '{self.column}' was {self.what}{detail}"


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
