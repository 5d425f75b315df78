"""A problem as plain values, as it travels: RFC 9457 words and ours. What is told can be raised again elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import core_schema

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


ROOT = "penstock-error"
BY_STATUS = {
    400: "invalid", 401: "refused", 403: "refused", 404: "not-found", 409: "conflict", 412: "conflict",
    413: "invalid", 415: "invalid", 422: "invalid", 429: "not-ready", 503: "not-ready",
}  # fmt: skip
"""Status of an answer → the nearest problem that this program knows."""


class Problem(Exception):
    """Something that went wrong, in a whole sentence; the tree of what can is core/errors.py."""

    http_status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message, self.hint = message, hint
        super().__init__(f"{message} {hint}".strip())

    @property
    def code(self) -> str:
        """A stable word for programs: the class name with dashes."""
        return code_of(type(self))

    def recall(self, told: Mapping[str, Any]) -> None:
        """What such a problem has beside its sentence, from what was told of it."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """An answer that tells of problems holds them in the same words as an answer that is one."""
        told = core_schema.plain_serializer_function_ser_schema(to_mapping)
        return core_schema.no_info_plain_validator_function(read, serialization=told)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return dict(SCHEMA)


def code_of(error: type[Problem]) -> str:
    """`NotFound` → `not-found`"""
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in error.__name__).lstrip("-")


def to_mapping(error: Problem) -> dict[str, Any]:
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


def from_mapping(told: Mapping[str, Any]) -> Problem:
    """The error that was told, of the same class; the nearest class we know when the teller is newer."""
    known = classes()
    nearest = known[BY_STATUS.get(int(told.get("status", 500)), ROOT)]
    found = known.get(str(told.get("type", "")), nearest)
    error = found.__new__(found)
    message, hint = str(told.get("detail", "")), str(told.get("hint", ""))
    Problem.__init__(error, message, hint=hint)
    standard = {"type", "title", "status", "detail", "hint", "also"}
    for name, value in told.items():
        if name not in standard and name.isidentifier() and not hasattr(type(error), name):
            setattr(error, name, tuple(value) if isinstance(value, list) else value)
    error.recall(told)
    return error


def read(value: Any) -> Problem:
    """A problem as it was told, or the error itself."""
    return value if isinstance(value, Problem) else from_mapping(value)


def classes() -> dict[str, type[Problem]]:
    """Code → class, the whole tree."""
    return {code_of(cls): cls for root in Problem.__subclasses__() for cls in _tree(root)}


def title_of(cls: type[Problem]) -> str:
    """The first sentence about a class of errors."""
    line = (cls.__doc__ or "").strip().partition("\n")[0]
    return line.partition(". ")[0].partition("; ")[0].partition(": ")[0].rstrip(".")


def _tree(cls: type[Problem]) -> Iterator[type[Problem]]:
    yield cls
    for below in cls.__subclasses__():
        if below.__module__ == cls.__module__:
            yield from _tree(below)


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(_is_plain(inner) for inner in value)
    return isinstance(value, (str, int, float, bool)) and not isinstance(value, type)
