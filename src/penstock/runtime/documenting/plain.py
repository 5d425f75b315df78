"""Definitions in plain words: every setting that somebody chose, said as people say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from penstock.core import registry
from penstock.core.kind import Definition, Kind, documentation

SILENT = frozenset({"type", "title", "short_description", "description", "tags", "annotations", "engine"})
"""Settings that are said elsewhere, or mean nothing."""


def label(name: str) -> str:
    """`reset_failure` → `Reset failure`."""
    return name.replace("_", " ").strip().capitalize()


def settings(definition: Definition, *, without: frozenset[str] = frozenset()) -> list[tuple[str, str, str]]:
    """Setting, its value in words, what it means; those left at their default are not listed."""
    values = definition.to_mapping()
    return [
        (label(name), words(value), _meaning(definition, name))
        for name, value in values.items()
        if name not in SILENT | without and value not in (None, "", [], {})
    ]


def words(value: Any) -> str:
    """A value of YAML as people say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple):
        return ", ".join(_nested(one) for one in value)
    return str(value)


def about(definition: Definition) -> str:
    """What its kind does for its user, in a sentence."""
    prose, _ = documentation(type(definition))
    return " ".join(prose.split("\n\n")[0].split())


def kind(definition: Kind) -> str:
    """`sql_table` → `sql table`."""
    return registry.name_of(type(definition)).replace("_", " ")


def _mapping(value: Mapping[str, Any]) -> str:
    """`filter rows (action: remove)`. Words after a type are settings; other keys are said as they are: columns too."""
    kind_ = value.get("type")
    rest = ", ".join(
        f"{name}: {_nested(inner)}"
        for name, inner in value.items()
        if name != "type" and inner not in (None, "", [], {})
    )
    if kind_ is None:
        return rest
    return f"{str(kind_).replace('_', ' ')} ({rest})" if rest else str(kind_).replace("_", " ")


def _nested(value: Any) -> str:
    is_bare = isinstance(value, Mapping) and "type" not in value
    return f"({words(value)})" if is_bare else words(value)


def _meaning(definition: BaseModel, name: str) -> str:
    field = type(definition).model_fields.get(name)
    return (field.description or "") if field else ""
