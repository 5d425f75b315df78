"""`${x}` in texts and definitions: the levels that give a variable its value, and its expansion.

`${x}` is the value of x as text; `$${x}` prints `${x}`; `${x|default:5}` is 5 when x has no value.
A text that is nothing but `${x}` keeps the type of the value where the field allows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ValidationError

from penstock.core.errors import InvalidDefinition, UndefinedVariable
from penstock.core.kind import Described

Undefined = Literal["error", "as typed", "empty"]
Model = TypeVar("Model", bound=BaseModel)

_USE = re.compile(r"(?P<escaped>\$)?\$\{(?P<name>[^{}|]+)(?P<filters>(?:\|[^{}|]*)*)\}")
NEVER_EXPANDED = Described.MEANINGLESS | {"comment", "type"}
"""Fields for people: a `${x}` in them is shown, not computed with."""


class Computed(str):
    """A text in a language of its own, which knows where variables stand in it."""

    __slots__ = ()

    def variables(self) -> frozenset[str]:
        """The variables it uses."""
        raise NotImplementedError

    def expanded(self, variables: Mapping[str, Any]) -> Self:
        """The same text with its variables filled in. Raises UndefinedVariable."""
        raise NotImplementedError


def typed(text: str) -> Any:
    """What somebody typed as a value: JSON when it reads as JSON, the text itself otherwise."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def levels(
    *,
    instance: Mapping[str, Any] | None = None,
    instance_local: Mapping[str, Any] | None = None,
    standard: Mapping[str, Any] | None = None,
    local: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
    project_key: str = "",
) -> dict[str, Any]:
    """One value per variable: instance < instance local < project standard < project local < scenario run.

    `projectKey` is always the key of the current project.
    """
    found: dict[str, Any] = {}
    for level in (instance, instance_local, standard, local, run):
        found |= level or {}
    return found | ({"projectKey": project_key} if project_key else {})


def names_in(text: str) -> tuple[str, ...]:
    """The variables a text uses, each once, in order."""
    return tuple(dict.fromkeys(m["name"].strip() for m in _USE.finditer(text) if not m["escaped"]))


def expand_text(
    text: str, values: Mapping[str, Any], *, undefined: Undefined = "error", where: str = ""
) -> str:
    """The text with every `${x}` filled in. Raises UndefinedVariable with the nearest name."""
    if "${" not in text:
        return text
    return _USE.sub(lambda use: _as_text(use, values, undefined, where), text)


def expand_value(text: str, values: Mapping[str, Any], *, where: str = "") -> Any:
    """Like expand_text, but a text that is one `${x}` and nothing else gives the value with its type."""
    use = _USE.fullmatch(text)
    if use and not use["escaped"] and use["name"].strip() in values:
        return values[use["name"].strip()]
    return expand_text(text, values, where=where)


def expand(value: Any, values: Mapping[str, Any], *, where: str = "") -> Any:
    """A definition, or any nest of mappings and lists, with the variables in its texts filled in.

    A definition comes back validated again. Titles, descriptions, tags and comments stay as typed.
    """
    if isinstance(value, Computed):
        return value.expanded(values)
    if isinstance(value, str):
        return expand_value(value, values, where=where)
    if isinstance(value, BaseModel):
        return _expanded_model(value, values, where)
    if isinstance(value, Mapping):
        return {key: expand(item, values, where=where) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(expand(item, values, where=where) for item in value)
    return value


def used(value: Any) -> frozenset[str]:
    """The variables that a definition, or any nest of mappings and lists, uses: what a fingerprint must cover."""
    return frozenset(name for text in _texts(value) for name in _names_of(text))


def needed(value: Any) -> list[str]:
    """The variables that must have a value for this to be expanded: those used without a default, each once."""
    found = (
        text.variables() if isinstance(text, Computed) else
        [u["name"].strip() for u in _USE.finditer(text) if not u["escaped"] and "default:" not in u["filters"]]
        for text in _texts(value)
    )  # fmt: skip
    return list(dict.fromkeys(name for names in found for name in names))


def unclosed(text: str) -> str:
    """The beginning of a `${` that no `}` closes, as it stands there: `${outcome`; empty when there is none."""
    found = re.search(r"\$\{[^\s{}'\"<>]{0,40}", _USE.sub("", text))
    return found[0] if found else ""


def text_of(value: Any) -> str:
    """A value as `${x}` prints it: text bare, null empty, true and false in small letters, the rest as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)


def _as_text(use: re.Match[str], values: Mapping[str, Any], undefined: Undefined, where: str) -> str:
    if use["escaped"]:
        return use.group()[1:]
    name = use["name"].strip()
    if name in values:
        return text_of(values[name])
    for wanted in use["filters"].split("|"):
        if wanted.strip().startswith("default:"):
            return wanted.strip().removeprefix("default:")
    if undefined == "error":
        raise UndefinedVariable(name, among=values, where=where)
    return use.group() if undefined == "as typed" else ""


def _expanded_model(model: Model, values: Mapping[str, Any], where: str) -> Model:
    if not used(model):
        return model
    fields = {
        name: inner if name in NEVER_EXPANDED else expand(inner, values, where=where)
        for name, inner in dict(iter(model)).items()
    }
    return _validated(model, fields, values)


def _validated(model: Model, fields: dict[str, Any], values: Mapping[str, Any]) -> Model:
    """A field for text gets the text of a number; any other disagreement is an error that names the field."""
    try:
        return _remade(model, fields)
    except ValidationError:
        for name, typed in dict(iter(model)).items():
            if name not in NEVER_EXPANDED and isinstance(typed, str) and not isinstance(typed, Computed):
                fields[name] = expand_text(typed, values)
            elif isinstance(typed, tuple) and all(isinstance(item, str) for item in typed):
                fields[name] = tuple(text_of(item) for item in fields[name])
    try:
        return _remade(model, fields)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise InvalidDefinition(f"After filling in the variables: {problem['msg']}", field=field) from error


def _remade(model: Model, fields: Mapping[str, Any]) -> Model:
    given = {name: fields[name] for name in fields if name in model.model_fields_set}
    return type(model).model_validate(given["root"] if set(given) == {"root"} else given, by_name=True)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name, inner in dict(iter(value)).items():
            if name not in NEVER_EXPANDED:
                yield from _texts(inner)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _names_of(text: str) -> frozenset[str] | tuple[str, ...]:
    return text.variables() if isinstance(text, Computed) else names_in(text)
