"""A row of the REST interface: which use case answers which path, to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from penstock.core.access import Permission

VERSION = "v1"
PREFIX = f"/api/{VERSION}"


class Answer(StrEnum):
    """What travels back."""

    JSON = "json"
    NOTHING = "nothing"
    TEXT = "text"
    """Plain text, as it is."""
    PIECES = "pieces"
    """Plain text in pieces, sent as they come."""
    FILE = "file"
    """Bytes of a file."""
    TABLE = "table"
    """Rows: an Arrow stream, Parquet, CSV or JSON lines, as the caller accepts."""


class Upload(StrEnum):
    """What travels to us beside plain values, as multipart."""

    FILES = "files"
    """Any number of files."""
    FOLDER = "folder"
    """A folder as one zip file."""
    ROWS = "rows"
    """Rows, as an Arrow stream or JSON; the body itself, no multipart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One use case over HTTP. Its request and its answer have the types of the use case's own signature."""

    verb: str
    """`jobs.start`: function `start` of `runtime/jobs.py`; the `operationId` too."""
    method: str
    path: str
    """Below `/api/v1`; a word in braces is an argument of the use case."""
    permission: Permission
    status: int = 200
    answer: Answer = Answer.JSON
    formats: tuple[str, ...] = ("csv", "tsv", "jsonl", "parquet")
    """What a use case that writes a file can write; the word `format` says which, the first one unless told."""
    upload: Upload | None = None
    """How the argument that is a path, or rows, travels."""
    whole: str = ""
    """The argument that is the whole body; the others travel in the query."""
    blanks: Mapping[str, str] = field(default_factory=dict)
    """Word in the path that stands for an empty argument: {"id": "latest"}."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that are always so when a request came over HTTP."""
    signed: str = ""
    """The argument that says who asks, where it is not called `author`, `by` or `initiator`."""
    repeats: bool = False
    """Something begins, so that `Idempotency-Key` is honoured."""

    @property
    def noun(self) -> str:
        """What the use case is about: the file in `runtime`."""
        return self.verb.partition(".")[0]

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in ("GET", "HEAD")


def get(verb: str, path: str, permission: Permission, **more: Any) -> Route:
    """Look at something."""
    return Route(verb=verb, method="GET", path=path, permission=permission, **more)


def post(verb: str, path: str, permission: Permission, **more: Any) -> Route:
    """Make or begin something, or ask what does not fit into a query."""
    return Route(verb=verb, method="POST", path=path, permission=permission, **more)


def put(verb: str, path: str, permission: Permission, **more: Any) -> Route:
    """Replace something; twice does no harm."""
    return Route(verb=verb, method="PUT", path=path, permission=permission, **more)


def patch(verb: str, path: str, permission: Permission, **more: Any) -> Route:
    """Change a part of something."""
    return Route(verb=verb, method="PATCH", path=path, permission=permission, **more)


def delete(verb: str, path: str, permission: Permission, **more: Any) -> Route:
    """Remove something."""
    return Route(verb=verb, method="DELETE", path=path, permission=permission, **more)
