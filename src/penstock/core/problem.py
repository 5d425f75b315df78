"""A problem as plain values, as it travels: RFC 9457 words and ours. What is told can be raised again elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from penstock.core import errors
from penstock.core.errors import PenstockError, code_of

SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "What went wrong, where, and what to do next.",
    "properties": {
        "type": {"type": "string", "description": "A stable word for programs, such as `not-found`."},
        "title": {"type": "string", "description": "What this sort of problem is."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "The whole sentence about this one."},
        "hint": {"type": "string", "description": "What to do next."},
        "near": {"type": "array", "items": {"type": "string"}, "description": "Names that may be meant."},
        "field": {"type": "string", "description": "The field of the definition or of the request."},
        "file": {"type": "string", "description": "The file the problem lies in."},
        "line": {"type": "integer", "description": "Its line; 0 when unknown."},
        "also": {"type": "array", "items": {"type": "object"}, "description": "What else is wrong with it."},
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": True,
}
"""What programs may count on."""


def to_mapping(error: PenstockError) -> dict[str, Any]:
    """`{"type": "not-found", "status": 404, "detail": …, "hint": …}` and whatever else the error knows."""
    own = {name: value for name, value in vars(error).items() if name not in ("message", "also")}
    told = {
        "type": error.code,
        "title": title_of(type(error)),
        "status": error.http_status,
        "detail": error.message,
        **{name: value for name, value in own.items() if _is_plain(value)},
    }
    also = [to_mapping(other) for other in getattr(error, "also", ())]
    return {**told, "also": also} if also else told


def from_mapping(told: Mapping[str, Any]) -> PenstockError:
    """The error that was told, of the same class; the nearest class we know when the teller is newer."""
    known = classes()
    found = known.get(str(told.get("type", "")), _by_status(int(told.get("status", 500))))
    error = found.__new__(found)
    message, hint = str(told.get("detail", "")), str(told.get("hint", ""))
    PenstockError.__init__(error, message, hint=hint)
    standard = {"type", "title", "status", "detail", "hint", "also"}
    for name, value in told.items():
        if name not in standard and name.isidentifier() and not hasattr(type(error), name):
            setattr(error, name, tuple(value) if isinstance(value, list) else value)
    if isinstance(error, errors.InvalidDefinition):
        _fill(error, told)
    return error


def read(value: Any) -> PenstockError:
    """A problem as it was told, or the error itself."""
    return value if isinstance(value, PenstockError) else from_mapping(value)


def classes() -> dict[str, type[PenstockError]]:
    """Code → class, the whole tree."""
    return {code_of(cls): cls for cls in _tree(PenstockError)}


def title_of(cls: type[PenstockError]) -> str:
    """The first sentence about a class of errors."""
    line = (cls.__doc__ or "").strip().partition("\n")[0]
    return line.partition(". ")[0].partition("; ")[0].partition(": ")[0].rstrip(".")


def _tree(cls: type[PenstockError]) -> Iterator[type[PenstockError]]:
    yield cls
    for below in cls.__subclasses__():
        if below.__module__ == cls.__module__:
            yield from _tree(below)


def _by_status(status: int) -> type[PenstockError]:
    by_status: dict[int, type[PenstockError]] = {
        400: errors.Invalid, 401: errors.Refused, 403: errors.Refused, 404: errors.NotFound,
        409: errors.Conflict, 412: errors.Conflict, 413: errors.Invalid, 415: errors.Invalid, 422: errors.Invalid,
        429: errors.NotReady, 503: errors.NotReady,
    }  # fmt: skip
    return by_status.get(status, PenstockError)


def _fill(error: errors.InvalidDefinition, told: Mapping[str, Any]) -> None:
    """What every InvalidDefinition has, told or not."""
    error.file, error.field = str(told.get("file", "")), str(told.get("field", ""))
    error.line, error.problem = int(told.get("line", 0)), str(told.get("problem", error.message))
    others = (from_mapping(other) for other in told.get("also", ()))
    error.also = tuple(e for e in others if isinstance(e, errors.InvalidDefinition))


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_plain(inner) for inner in value)
    return isinstance(value, (str, int, float, bool)) and not isinstance(value, type)
