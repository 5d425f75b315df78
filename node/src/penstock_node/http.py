"""Requests and replies of ASGI in the few forms this node needs; errors as JSON."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from penstock.core.errors import PenstockError, TooLarge
from penstock_node.spelled import strictly

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
VERSION = "0.1.0"
HEADERS = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"dss-version", VERSION.encode()),
    (b"dss-api-version", b"1"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]
"""The first ones are what clients of the field's API nodes look at."""


class Gone(Exception):
    """Whoever asked has hung up."""


class Slow(PenstockError):
    """A query that does not arrive."""

    http_status = 408


class WrongMethod(PenstockError):
    """GET where POST is asked, or the other way round."""

    http_status = 405


class NoKey(PenstockError):
    """A service or the administration that needs a key."""

    http_status = 401


@dataclass(slots=True)
class Reply:
    """What is sent back."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] | None = None

    async def __call__(self, send: Send) -> None:
        length = (b"content-length", str(len(self.body)).encode())
        headers = [*(HEADERS if self.headers is None else self.headers), length]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def as_json(value: Any, status: int = 200, extra: Mapping[str, str] | None = None) -> Reply:
    """Raises TypeError or ValueError for what is no JSON."""
    return spelled(strictly(value), status, extra)


def spelled(text: str, status: int = 200, extra: Mapping[str, str] | None = None) -> Reply:
    """JSON that is spelled already."""
    body = text.encode("utf-8")
    added = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in (extra or {}).items()]
    return Reply(status, body, [*HEADERS, *added] if added else None)


def as_text(text: str, status: int = 200, kind: str = "text/plain; charset=utf-8") -> Reply:
    return Reply(status, text.encode(), [(b"content-type", kind.encode())])


def failure(error: PenstockError) -> Reply:
    """Any error of ours in the field's words."""
    status = error.http_status
    if status == 422:
        status = 400
    kind = getattr(error, "told_as", "") or type(error).__name__
    told = {"errorType": kind, "message": error.message, "detailedMessage": str(error)}
    extra = {"www-authenticate": 'Basic realm="penstock"'} if status == 401 else None
    return as_json(told, status, extra)


def header(scope: Scope, name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


def secret_of(scope: Scope) -> str:
    """The key that was shown; empty without one."""
    return secret_in(header(scope, b"authorization"))


def secret_in(authorization: str) -> str:
    """The user of Basic, or Bearer."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


async def body_of(scope: Scope, receive: Receive, *, most: int, seconds: float) -> bytes:
    """The whole body. Raises TooLarge, Slow, Gone."""
    length = header(scope, b"content-length")
    if length.isdecimal() and int(length) > most:
        raise too_large(most)
    message = await receive() if length == "0" or scope["method"] == "GET" else await _next(receive, seconds)
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if message["type"] == "http.disconnect":
            raise Gone
        return _within(body, most)
    parts, size = [body], len(body)
    deadline = asyncio.get_running_loop().time() + seconds
    while message.get("more_body"):
        message = await _next(receive, deadline - asyncio.get_running_loop().time())
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise too_large(most)
    return b"".join(parts)


async def _next(receive: Receive, seconds: float) -> MutableMapping[str, Any]:
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            return await receive()
    except TimeoutError as error:
        raise Slow(f"The body did not arrive within {seconds:g} seconds.") from error


def _within(body: bytes, most: int) -> bytes:
    if len(body) > most:
        raise too_large(most)
    return body


def too_large(most: int) -> TooLarge:
    return TooLarge(f"The body is larger than {most / (1 << 20):g} MB.", hint="Send fewer records at once.")
