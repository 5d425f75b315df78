"""How arguments and answers are laid out on the wire: what both ends agree on, without a server or a client."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from typing import Any

from penstock.api.cases import Argument, Case
from penstock.api.route import Route, Upload
from penstock.core.kind import Definition

WORD = re.compile(r"{(\w+)(?::path)?}")
"""A word of a path that is an argument."""
FILES = "files"
DOWNLOAD = "target"
"""The argument of a use case that writes a file; over HTTP it is the answer, and `format` says which."""


def path_argument(asked: Case) -> Argument:
    """The argument of a use case that takes files or a folder of this machine."""
    return next(a for a in asked.arguments if a.name in ("sources", "source", "folder"))


def travelling(route: Route, asked: Case) -> list[Argument]:
    """The arguments that travel as plain values outside of the path."""
    words, whole = set(WORD.findall(route.path)), {route.whole}
    by_file = {path_argument(asked).name} if route.upload in (Upload.FILES, Upload.FOLDER) else set()
    elsewhere = words | whole | by_file | set(route.fixed) | {DOWNLOAD}
    elsewhere |= {route.signed} if route.signed else set()
    elsewhere |= {"rows"} if route.upload is Upload.ROWS else set()
    return [a for a in asked.arguments if a.wire not in elsewhere and a.name not in elsewhere]


def in_query(route: Route) -> bool:
    """Whether plain values travel in the query rather than in the body."""
    return route.method in ("GET", "DELETE") or bool(route.whole) or route.upload is not None


def sent_type(asked: Case) -> Any:
    """The type of what travels back: a job that was begun travels as the job."""
    if getattr(asked.answer, "__name__", "") == "Started":
        return typing.get_type_hints(asked.answer)["job"]
    return Mapping[str, Any] if asked.answer is Definition else asked.answer


def plain(kind: Any) -> Any:
    """A definition or a mapping travels as a mapping: the use case itself says what is wrong with it."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        mapping = [k for k in typing.get_args(kind) if typing.get_origin(k) in (Mapping, dict)]
        rest = [k for k in typing.get_args(kind) if k is type(None)]
        return mapping[0] | None if mapping and rest else mapping[0] if mapping else kind
    return kind
