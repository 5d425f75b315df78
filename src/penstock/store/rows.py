"""Facts ↔ rows: a frozen dataclass of `core` as the values of a table's columns, and back, validated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from penstock.core.metric import ObjectKey

Fact = TypeVar("Fact")


def to_row(fact: Any) -> dict[str, Any]:
    """Its fields by name; an ObjectKey becomes the four columns that name an object."""
    row = {field.name: _plain(getattr(fact, field.name)) for field in fields(fact)}
    key = row.pop("key", None)
    return row | columns_of(key) if isinstance(key, ObjectKey) else row


def from_row(kind: type[Fact], row: Mapping[str, Any]) -> Fact:
    """The fact a row was made of. Columns the fact does not know are left aside."""
    values = {field.name: row[field.name] for field in fields(cast("Any", kind)) if field.name in row}
    fact: Fact = _adapter(kind).validate_python(values)
    return fact


def to_json(fact: Any) -> dict[str, Any]:
    """Its fields as plain JSON values, instants as texts."""
    plain: dict[str, Any] = _adapter(type(fact)).dump_python(fact, mode="json")
    return plain


def columns_of(key: ObjectKey) -> dict[str, str]:
    return {
        "project": key.project, "object_type": key.type, "object": key.name, "partition": key.partition
    }  # fmt: skip


def key_of(row: Mapping[str, Any]) -> ObjectKey:
    return ObjectKey(
        project=row["project"], type=row["object_type"], name=row["object"], partition=row["partition"]
    )


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
