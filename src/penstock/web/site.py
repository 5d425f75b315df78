"""The studio as one ASGI application: addresses, who may enter, what every answer carries, and what an error shows."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.routing import Route as Address
from starlette.staticfiles import StaticFiles

from penstock.core.access import NOBODY, Permission
from penstock.core.errors import NotSignedIn, PenstockError, TooLarge
from penstock.http import who
from penstock.runtime import people
from penstock.web import messages, problems, routes
from penstock.web.asking import Ask
from penstock.web.headers import SafeHeaders
from penstock.web.look import HERE, Look
from penstock.web.messages import Messages

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.web.routes import Route

log = logging.getLogger("penstock.web")
MOST_FIELDS = 20_000
"""Fields of one form: the settings of a long list of steps."""
MOST_BYTES = 20_000_000
"""Of a form without files."""
SQUEEZED = 4
"""How hard answers are compressed: a tenth larger than with 9, in a twentieth of the time, in which nobody else is
answered."""


def site(node: Node) -> Starlette:
    """Every page of the studio for one node."""
    desk = Desk(node)
    return Starlette(
        routes=[
            *(
                Address(route.path, desk.endpoint(route), methods=[route.method], name=route.name)
                for route in routes.every()
            ),
            Mount("/static", Unchanging(directory=HERE / "static", check_dir=False), name="static"),
        ],
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=SQUEEZED),
            Middleware(SafeHeaders),
        ],
        exception_handlers={HTTPException: desk.no_page},
    )


@cache
def look() -> Look:
    """The templates, compiled once for all sites of a process."""
    return Look()


class Desk:
    """Takes requests in and hands answers out."""

    def __init__(self, node: Node) -> None:
        self.node, self.look = node, look()
        self.messages = Messages(node.config.home)

    def endpoint(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        """What Starlette calls for a route: the form is read here, everything else happens in the thread pool."""

        async def answer(request: Request) -> Response:
            request.state.body = b""
            try:
                form = await self._read(request)
            except TooLarge as error:
                return await run_in_threadpool(self._refused, request, error)
            try:
                return await run_in_threadpool(self._answer, route, request, form)
            finally:
                await form.close()

        return answer

    async def _read(self, request: Request) -> FormData:
        """What was posted. Files are taken from people who are signed in only; everything else has a limit."""
        kind = request.headers.get("content-type", "")
        if request.method in who.SAFE:
            return FormData()
        if kind.startswith("multipart/form-data"):
            known = await run_in_threadpool(_is_known, self.node, request)
            return await request.form(max_fields=MOST_FIELDS) if known else FormData()
        request.state.body = await _limited(request)
        is_form = kind.startswith("application/x-www-form-urlencoded")
        text = request.state.body.decode("utf-8", errors="replace") if is_form else ""
        return FormData(parse_qsl(text, keep_blank_values=True))

    def _refused(self, request: Request, error: PenstockError) -> Response:
        return problems.page(
            Ask(request=request, node=self.node, me=NOBODY, look=self.look, token=who.form_token(request)),
            error,
        )

    def _answer(self, route: Route, request: Request, form: Any) -> Response:
        waiting = self.messages.kept(request.cookies.get(messages.COOKIE, ""))
        ask = Ask(
            request=request, node=self.node, me=NOBODY, look=self.look, form=form, flashes=list(waiting),
            token=who.form_token(request),
        )  # fmt: skip
        response = self._told(route, ask)
        self._keep_messages(ask, response, shown=bool(waiting))
        return response

    def _told(self, route: Route, ask: Ask) -> Response:
        """What the page says, or what its error says."""
        try:
            return self._let_in(route, ask)
        except NotSignedIn as missing:
            return problems.log_in(ask, missing)
        except PenstockError as error:
            return problems.page(ask, error)
        except Exception:  # noqa: BLE001 - the edge of the process: a page with a number, the log has the rest
            return self._unexpected(ask)

    def _let_in(self, route: Route, ask: Ask) -> Response:
        ask.me = who.identify(ask.request, self.node)
        ask.rights = people.rights(self.node, ask.me, ask.project)
        who.check_origin(ask.request, ask.me)
        who.check_form(ask.request, ask.me, ask.word("form_token"))
        if route.permission is not Permission.ANYBODY:
            people.require(self.node, ask.me, route.permission, ask.project)
        named = {k: v for k, v in ask.request.path_params.items() if k != "project"}
        response: Response = route.page(ask, **named)
        return response

    def _keep_messages(self, ask: Ask, response: Response, *, shown: bool) -> None:
        if ask.flashes:
            response.set_cookie(
                messages.COOKIE, self.messages.keep(ask.flashes), max_age=60, httponly=True, samesite="lax",
                secure=ask.request.url.scheme == "https",
            )  # fmt: skip
        elif shown:
            response.delete_cookie(messages.COOKIE, path="/")

    def _unexpected(self, ask: Ask) -> Response:
        number = secrets.token_hex(4)
        log.exception("%s %s failed [%s]", ask.request.method, ask.path, number)
        return problems.unexpected(ask, number)

    async def no_page(self, request: Request, error: Exception) -> Response:
        """An address that leads nowhere, or a method it does not know."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        return await run_in_threadpool(self._no_page, request, status)

    def _no_page(self, request: Request, status: int) -> Response:
        ask = Ask(request=request, node=self.node, me=NOBODY, look=self.look, token=who.form_token(request))
        try:
            ask.me = who.identify(request, self.node)
        except PenstockError:
            return problems.no_page(ask, status)
        return problems.no_page(ask, status)


class Unchanging(StaticFiles):
    """Built files carry a hash in their name: a browser keeps them for good."""

    def file_response(
        self, full_path: Any, stat_result: Any, scope: MutableMapping[str, Any], status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        is_hashed = Path(full_path).parent.name == "built"
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if is_hashed else "max-age=3600"
        )
        return response


def _is_known(node: Node, request: Request) -> bool:
    """Whether somebody is signed in; a key that is good no more is told later."""
    try:
        return who.identify(request, node).is_known
    except PenstockError:
        return False


async def _limited(request: Request) -> bytes:
    """The body of a request. Raises TooLarge before it fills the memory."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise TooLarge("This form is larger than what is taken.", hint="Send files as files.")
        parts.append(part)
    return b"".join(parts)
