"""HEAD and OPTIONS for every route: HEAD is GET without its body, OPTIONS says which methods there are."""

from __future__ import annotations

from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Methods:
    """Between the server and the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _without_body(send))
        elif scope["type"] == "http" and scope["method"] == "OPTIONS":
            await _options(scope, send)
        else:
            await self._app(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def passed(message: Message) -> None:
        body = {"body": b""} if message["type"] == "http.response.body" else {}
        await send({**message, **body})

    return passed


async def _options(scope: Scope, send: Send) -> None:
    """204 and the methods of the path, or 404."""
    routes = scope["app"].routes
    found = {m for r in routes if r.matches(scope)[0] is not Match.NONE for m in r.methods or ()}
    allowed = sorted(found | ({"HEAD"} if "GET" in found else set()) | {"OPTIONS"})
    headers = [(b"allow", ", ".join(allowed).encode())] if found else []
    await send({"type": "http.response.start", "status": 204 if found else 404, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
