"""Who asks: a request → an Identity, from its session cookie or its API key; and the cookie itself.

A key comes as `Authorization: Bearer pk_…`, or as the password or the name of basic authentication. A request with a
key has no session, whatever cookie it carries, so that no other site can make a browser use one.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from penstock.core.access import Identity, Permission, Source
from penstock.core.errors import NotAllowed, NotSignedIn
from penstock.runtime import caller, keys, people, sessions

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response

    from penstock.core.node import Node

COOKIE = "penstock_session"
FORM_FIELD = "form_token"
FORM_HEADER = "X-Form-Token"
"""Where a page's form, or htmx, puts the token of its session."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def identify(request: HTTPConnection, node: Node) -> Identity:
    """Who asks; use cases know it from now on. Nobody without a cookie or key.

    Raises NotSignedIn for a key that is good no more.
    """
    secret = _key(request.headers.get("authorization", ""))
    if secret:
        return caller.turned_out(keys.identify(node, secret, address=address(request)))
    return caller.turned_out(sessions.identify(node, session_secret(request), address=address(request)))


def require(request: HTTPConnection, node: Node, permission: Permission, project: str = "") -> Identity:
    """Who asks, once they may do this; remembered on the request. Raises NotSignedIn, NotAllowed or NotFound.

    One that changes something with a session must come from a page of ours (`check_origin`); its form token is
    checked where the form is read.
    """
    who = identify(request, node)
    request.state.who = who
    check_origin(request, who)
    if permission is not Permission.ANYBODY:
        people.require(node, who, permission, project)
    return who


def session_secret(request: HTTPConnection) -> str:
    """What the session cookie holds; empty without one."""
    return request.cookies.get(COOKIE, "")


def address(request: HTTPConnection) -> str:
    """Where a request comes from. Behind a proxy the server is told whom to believe (`--forwarded-allow-ips`)."""
    return request.client.host if request.client else ""


def check_origin(request: HTTPConnection, who: Identity) -> None:
    """Raise NotAllowed when another site's page sends something that changes things. Keys are in no browser."""
    method = request.scope.get("method", "GET")
    if method in SAFE or who.source not in (Source.SESSION, Source.NOBODY):
        return
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    if site in ("cross-site", "same-site") or (origin and urlsplit(origin).netloc != request.url.netloc):
        raise NotAllowed(
            "This request came from a page of another site, so nothing was done.",
            hint="Open the page here and press the button again.",
        )


def form_token(request: HTTPConnection) -> str:
    """What a form of this session carries; empty without a session."""
    secret = session_secret(request)
    return sessions.form_token(secret) if secret else ""


def check_form(request: Request, who: Identity, token: str = "") -> None:
    """Raise NotAllowed unless a form (its field, or the header htmx sends) was made for this session."""
    if request.method in SAFE or who.source is not Source.SESSION:
        return
    shown = token or request.headers.get(FORM_HEADER, "")
    if not sessions.is_form_token(session_secret(request), shown):
        raise NotAllowed(
            "This form was not made for your session, so nothing was done.",
            hint="Reload the page and press the button again.",
        )


def remember(response: Response, secret: str, request: HTTPConnection) -> None:
    """Give the browser a session. No script reads the cookie, and no other site's form sends it."""
    response.set_cookie(
        COOKIE, secret, max_age=int(sessions.LONGEST.total_seconds()), httponly=True, samesite="lax",
        secure=request.url.scheme == "https", path="/",
    )  # fmt: skip


def forget(response: Response) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", path="/")


def _key(header: str) -> str:
    """The API key of an Authorization header; empty without one. Raises NotSignedIn for one we cannot read."""
    scheme, _, rest = header.partition(" ")
    if not header:
        return ""
    if scheme.lower() == "bearer" and rest.strip():
        return rest.strip()
    if scheme.lower() == "basic":
        return _of_basic(rest.strip())
    raise NotSignedIn(
        "This Authorization header holds no API key.", hint="Send `Authorization: Bearer pk_…`."
    )


def _of_basic(encoded: str) -> str:
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotSignedIn("This Authorization header is not well formed.") from error
    return next(
        (text for text in (password, name) if text.startswith(keys.BEGINNING)), password or name or "?"
    )
