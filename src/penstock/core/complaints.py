"""What pydantic finds wrong with values, in plain words, and where in the file it is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from penstock.core.errors import FlawAt, InvalidDefinition, did_you_mean, nearest

PASSED_ON = "definition"

KINDS_OF_VALUE = {
    "bool": "true or false", "int": "a whole number", "float": "a number", "string": "a text",
    "finite_number": "a finite number", "decimal": "a number", "list": "a list", "tuple": "a list", "set": "a list",
    "frozen_set": "a list", "iterable": "a list", "dict": "settings such as `name: value`",
    "mapping": "settings such as `name: value`", "model": "settings such as `name: value`",
    "model_attributes": "settings such as `name: value`", "date": "a date such as 2026-03-01",
    "time": "a time such as 09:30", "datetime": "a moment such as 2026-03-01T09:30:00",
    "time_delta": "a length of time", "none_required": "nothing", "url": "an address such as https://example.org",
    "date_from_datetime": "a date such as 2026-03-01", "int_from_float": "a whole number", "path": "a path",
}  # fmt: skip
"""The first part of pydantic's word for an error → what it wanted."""

LIMITS = {
    "greater_than": "more than {gt}", "greater_than_equal": "at least {ge}", "less_than": "less than {lt}",
    "less_than_equal": "at most {le}", "multiple_of": "a multiple of {multiple_of}",
}  # fmt: skip


class Unreadable(str):
    """What somebody typed where settings belong, and the problem with it."""

    problem: str

    def __new__(cls, text: str, *, problem: str) -> Unreadable:
        made = super().__new__(cls, text)
        made.problem = problem
        return made


def all_of(
    cls: type[BaseModel], fields: Mapping[str, Any], error: ValidationError
) -> list[InvalidDefinition]:
    """Every problem once, a mistyped word first: it is often also why a setting is missing."""
    by_place: dict[str, list[Any]] = {}
    found: list[InvalidDefinition] = []
    for complaint in error.errors(include_url=False):
        path = _path(fields, complaint)
        field = ".".join(map(str, path))
        unread = _unread(fields, path)
        if unread is not None:
            if unread.field not in {f.field for f in found}:
                found.append(unread)
        elif complaint["type"] == PASSED_ON:
            found += [_under(field, inner) for inner in complaint["ctx"]["problems"]]
        else:
            by_place.setdefault(field, []).append({**complaint, "loc": path})
    for field, complaints in by_place.items():
        if any(str(c["type"]).endswith("too_short") for c in complaints) and _has_inner(field, by_place):
            continue  # what is wrong inside was not counted
        inner = [p for p in (*by_place, *(f.field for f in found)) if p.startswith(f"{field}.") and field]
        if not (any(map(_wanted, complaints)) and (inner or field in {f.field for f in found})):
            found.append(InvalidDefinition(_said(cls, complaints), field=field))
    words = [f for f in found if f.problem.startswith("There is no setting")]
    others = [f for f in found if f not in words and not _explained(f, words)]
    return [*words, *others]


def _unread(fields: Any, path: Sequence[str | int]) -> InvalidDefinition | None:
    """What is wrong with a text on the way to a place, when it could not be read at all."""
    here = fields
    for depth, part in enumerate(path):
        here = here.get(part) if isinstance(here, Mapping) else None
        if isinstance(here, Unreadable):
            return InvalidDefinition(here.problem, field=".".join(map(str, path[: depth + 1])))
    return None


def _has_inner(field: str, places: Iterable[str]) -> bool:
    return any(place.startswith(f"{field}.") for place in places)


def passed_on(invalid: InvalidDefinition, *, short: bool = False) -> PydanticCustomError:
    """The problems of a definition inside another one, so that pydantic goes on and says where it is.

    `short`: it was written as one word, so its type is the word itself.
    """
    problems = [_at(p, "" if short and p.field == "type" else p.field) for p in (invalid, *invalid.also)]
    return PydanticCustomError(PASSED_ON, "{said}", {"said": invalid.problem, "problems": problems})


def _at(problem: InvalidDefinition, field: str) -> InvalidDefinition:
    return InvalidDefinition(problem.problem, field=field, hint=problem.hint)


def _under(field: str, inner: InvalidDefinition) -> InvalidDefinition:
    return _at(inner, ".".join(part for part in (field, inner.field) if part))


def _path(fields: Any, complaint: Any) -> tuple[str | int, ...]:
    """Where the problem lies in what was written: pydantic's place without its names for types."""
    here, path = fields, []
    loc = complaint["loc"]
    for position, part in enumerate(loc):
        is_last = position == len(loc) - 1
        if _holds(here, part):
            here = here[part]
        elif not (is_last and complaint["type"] == "missing"):
            continue
        path.append(part)
    flaw = complaint.get("ctx", {}).get("error")
    if complaint["type"] == "union_tag_invalid" and isinstance(here, Mapping):
        path += [part for part in [_discriminator(complaint)] if part in here]
    return (*path, *(flaw.path if isinstance(flaw, FlawAt) else ()))


def _discriminator(complaint: Any) -> str:
    return str(complaint["ctx"].get("discriminator", "")).strip("'")


def _holds(here: Any, part: str | int) -> bool:
    if isinstance(here, (list, tuple)):
        return isinstance(part, int) and part < len(here)
    return isinstance(here, Mapping) and part in here


def _explained(found: InvalidDefinition, words: Sequence[InvalidDefinition]) -> bool:
    """Whether a missing setting was only mistyped."""
    where, _, name = found.field.rpartition(".")
    siblings = [w.field.rpartition(".")[2] for w in words if w.field.rpartition(".")[0] == where]
    return found.problem == MISSING and any(nearest(word, [name]) for word in siblings)


MISSING = "This setting is needed and missing."


def _said(cls: type[BaseModel], complaints: Sequence[Any]) -> str:
    """One sentence for all that is said of one place: the members of a union each say what they wanted."""
    special = next((c for c in complaints if not _wanted(c)), None)
    if special is not None:
        return _sentence(cls, special)
    wanted = list(dict.fromkeys(_wanted(c) for c in complaints if c["type"] != "none_required"))
    if "a number" in wanted:
        wanted = [word for word in wanted if word != "a whole number"]
    given = complaints[0]["input"]
    said = f"{_shown(given)} is not what belongs here: {' or '.join(wanted or ['nothing'])}."
    is_comma = isinstance(given, str) and re.fullmatch(r"-?\d+,\d+", given.strip()) and "a number" in wanted
    return f"{said} Write {given.strip().replace(',', '.')}, with a point." if is_comma else said


def _wanted(complaint: Any) -> str:
    """What sort of value was wanted, when that is the complaint."""
    word = re.sub(r"_(type|parsing|parsing_size|invalid|from_float)$", "", complaint["type"])
    return KINDS_OF_VALUE.get(complaint["type"]) or KINDS_OF_VALUE.get(word, "")


def _sentence(cls: type[BaseModel], complaint: Any) -> str:
    kind, context, value = complaint["type"], complaint.get("ctx", {}), complaint["input"]
    if kind == "missing":
        return MISSING
    if kind == "extra_forbidden":
        word = str(complaint["loc"][-1])
        return (
            f"There is no setting '{word}' here.{did_you_mean(word, _fields_at(cls, complaint['loc'][:-1]))}"
        )
    if kind in ("literal_error", "enum"):
        options = re.findall(r"'([^']+)'", str(context.get("expected", "")))
        return f"{_shown(value)} is not one of the words we know.{did_you_mean(str(value), options)}"
    if kind == "union_tag_invalid":
        tag = str(context.get("tag"))
        options = re.findall(r"'([^']+)'", str(context.get("expected_tags", "")))
        return f"'{tag}' is not one of the words we know.{did_you_mean(tag, options)}"
    if kind == "union_tag_not_found":
        return f"It must say its {_discriminator(complaint)}."
    if kind in LIMITS:
        return f"It must be {LIMITS[kind].format(**context)}; here it is {_shown(value)}."
    if kind.endswith("too_short"):
        return f"It is too short: at least {context.get('min_length')} belong here."
    if kind.endswith("too_long"):
        return f"It is too long: at most {context.get('max_length')} belong here."
    if kind == "string_pattern_mismatch":
        return f"{_shown(value)} does not have the form it should: {context.get('pattern')}."
    return str(complaint["msg"]).removeprefix("Value error, ").replace("Input should", "It should")


def _shown(value: Any) -> str:
    """A value as a person finds it in their file."""
    if value is None:
        return "Nothing"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    if isinstance(value, Mapping):
        return "A group of settings"
    if isinstance(value, (list, tuple)):
        return "A list"
    text = str(value)
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"


def _fields_at(cls: Any, path: Iterable[int | str]) -> list[str]:
    """The settings there are at a place; those of every definition that may stand there."""
    here = [cls]
    for part in path:
        infos = [i for model in here if (i := getattr(model, "model_fields", {}).get(part)) is not None]
        here = [model for info in infos for model in _models_in(info.annotation)] or here
    fields = [field for model in here for field in getattr(model, "model_fields", {}).items()]
    return list(dict.fromkeys(info.alias or name for name, info in fields))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for inner in get_args(annotation) for m in _models_in(inner)]
