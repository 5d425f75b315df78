"""Definitions in plain words: every setting that somebody chose, said as people say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from penstock.core import metric, registry
from penstock.core.kind import Definition, Kind, documentation
from penstock.core.report import limits_of

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
        is_long = any(isinstance(one, Mapping) and _said(one) for one in value)
        return ("; " if is_long else ", ").join(_nested(one) for one in value)
    return str(value)


def demand(one: Any) -> str:
    """What a check or a rule asks for: `Data Drift warns above 0.6, fails above 0.7`."""
    said = ", ".join(map(str, limits_of(one)))
    if said and getattr(one, "metric", ""):
        return f"{metric.label(one.metric)} {said}"
    return words({k: v for k, v in one.to_mapping().items() if k not in ("name", "id", "sql", "query")})


def about(definition: Definition) -> str:
    """What its kind does for its user, in a sentence."""
    prose, _ = documentation(type(definition))
    return " ".join(prose.split("\n\n")[0].split())


def kind(definition: Kind) -> str:
    """`sql_table` → `sql table`."""
    return registry.name_of(type(definition)).replace("_", " ")


def _mapping(value: Mapping[str, Any]) -> str:
    """`filter rows (action: remove)`. Words after a type are settings; other keys are said as they are: columns too.
    Conditions, joins and parts that nearly every recipe has are said as sentences."""
    if said := _said(value):
        return said
    kind_ = value.get("type")
    rest = ", ".join(
        f"{name}: {_nested(inner)}"
        for name, inner in value.items()
        if name != "type" and inner not in (None, "", [], {})
    )
    if kind_ is None:
        return rest
    return f"{str(kind_).replace('_', ' ')} ({rest})" if rest else str(kind_).replace("_", " ")


def _said(value: Mapping[str, Any]) -> str:
    """A condition, a joined dataset, a part of a split, a column under another name; empty for all else."""
    keys = value.keys()
    if "rules" in keys and keys <= {"rules", "match"}:
        together = " or " if value.get("match") == "any" else " and "
        return together.join(_nested(one) if "rules" in one else words(one) for one in value["rules"])
    if {"column", "operator"} <= keys and "type" not in keys:
        return _rule(value)
    if "left" in keys and keys <= {"left", "right", "of", "operator"}:
        left = f"{value['of']}.{value['left']}" if value.get("of") else str(value["left"])
        return f"{left} {value.get('operator', '=')} {value['right']}" if "right" in keys else left
    if "dataset" in keys and keys <= {"dataset", "alias", "how", "on", "columns", "prefix", "pre_filter"}:
        return _joined(value)
    if {"output", "filter"} == keys:
        return f"{value['output']} where {words(value['filter'])}"
    if keys == {"column", "name"}:
        return f"{value['column']} as {value['name']}"
    return str(value["column"]) if keys == {"column"} else ""


def _rule(value: Mapping[str, Any]) -> str:
    operator, values = value["operator"], list(value.get("values") or [])
    if operator == "between" and len(values) == 2:
        return f"{value['column']} between {values[0]} and {values[1]}"
    right = value.get("other_column") or (", ".join(map(str, values)) if values else value.get("value", ""))
    blind = " (capitals or not)" if value.get("ignore_case") else ""
    return f"{value['column']} {operator} {words(right)}".rstrip() + blind


def _joined(value: Mapping[str, Any]) -> str:
    """`weather by origin and time_hour, taking precip as rain`."""
    said = str(value["dataset"]) + (f" as {value['alias']}" if value.get("alias") else "")
    if value.get("how") not in (None, "left"):
        said += f" ({str(value['how']).replace('_', ' ')})"
    if value.get("on"):
        said += " by " + " and ".join(words(one) for one in value["on"])
    if value.get("columns"):
        said += ", taking " + ", ".join(words(one) for one in value["columns"])
    if value.get("prefix"):
        said += f", named {value['prefix']}…"
    return said + (f", where {words(value['pre_filter'])}" if value.get("pre_filter") else "")


def _nested(value: Any) -> str:
    if isinstance(value, Mapping) and (said := _said(value)):
        return said if "rules" not in value else f"({said})"
    is_bare = isinstance(value, Mapping) and "type" not in value
    return f"({words(value)})" if is_bare else words(value)


def _meaning(definition: BaseModel, name: str) -> str:
    field = type(definition).model_fields.get(name)
    return (field.description or "") if field else ""
