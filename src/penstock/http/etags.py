"""Entity tags: whoever saw something may say so, and is told when it changed meanwhile."""

from __future__ import annotations

import difflib
import hashlib
import json
from typing import Any

from starlette.requests import Request

from penstock.core.errors import ChangedMeanwhile
from penstock.core.kind import Definition


def of(body: bytes) -> str:
    """The tag of an answer: the same for the same bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller has this answer already (`If-None-Match`)."""
    return _names(request.headers.get("if-none-match", ""), tag)


def has_condition(request: Request) -> bool:
    """Whether a write is meant only for what the caller saw."""
    return "if-match" in request.headers or "if-none-match" in request.headers


def check(request: Request, now: bytes | None, *, sent: Any = None) -> None:
    """Raise ChangedMeanwhile, with the difference, when what is there is not what the caller saw."""
    seen = request.headers.get("if-match")
    if seen is not None and (now is None or not _names(seen, of(now))):
        raise _changed(now, sent)
    if request.headers.get("if-none-match") == "*" and now is not None:
        raise ChangedMeanwhile("There is one already, so nothing was saved.", hint="Choose another name.")


def refuse(request: Request) -> None:
    """Raise ChangedMeanwhile for a condition on what has no tag: it is not passed over in silence."""
    if "if-match" in request.headers:
        raise ChangedMeanwhile(
            "Nothing here has a tag that If-Match could name, so nothing was done.",
            hint="Leave If-Match out, or save the whole object at an address that answers GET.",
        )


def _names(header: str, tag: str) -> bool:
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in tags or tag in tags


def _changed(now: bytes | None, sent: Any) -> ChangedMeanwhile:
    if now is None:
        return ChangedMeanwhile("It is no longer there, so nothing was saved.", hint="Save it as a new one.")
    return ChangedMeanwhile(
        "It was changed since you read it, so nothing was saved.", diff=_difference(json.loads(now), sent),
        hint="Read it again, apply your change on top, and save once more.",
    )  # fmt: skip


def _difference(now: Any, sent: Any) -> str:
    """What saving would have changed, line by line."""
    plain = sent.to_mapping() if isinstance(sent, Definition) else sent
    old, new = (json.dumps(v, indent=2, sort_keys=True, default=str).splitlines() for v in (now, plain))
    return "\n".join(difflib.unified_diff(old, new, "there now", "sent", lineterm=""))
