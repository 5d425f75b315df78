"""Sign-on: to the company's identity provider and back."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from penstock.core.access import Permission
from penstock.core.errors import NotFound, NotSignedIn, PenstockError
from penstock.http import oidc, who
from penstock.runtime import sessions, sign_on
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.pages.account import safe_next
from penstock.web.routes import Routes

routes = Routes()
BACK = "/login/oidc/back"
MINUTES = 10


@routes.get("/login/oidc", Permission.ANYBODY)
def leave(ask: Ask) -> Response:
    journey = oidc.Journey.begun()
    response = RedirectResponse(_provider(ask).address(journey, _back(ask)), status_code=303)
    _remember(ask, response, f"{journey.secret} {safe_next(ask)}")
    return response


@routes.get(BACK, Permission.ANYBODY)
def come_back(ask: Ask) -> Response:
    secret, _, place = ask.request.cookies.get(oidc.COOKIE, "").partition(" ")
    try:
        session = _signed_in(ask, oidc.Journey(secret))
    except PenstockError as error:
        return ask.page(
            "account/login.html", status=error.http_status, login="", wrong=advice.told(error), next="/"
        )
    response = RedirectResponse(safe_next(ask, place or "/"), status_code=303)
    response.delete_cookie(oidc.COOKIE, path=BACK)
    who.remember(response, session, ask.request)
    return response


def _signed_in(ask: Ask, journey: oidc.Journey) -> str:
    """The secret of a fresh session for whoever the provider vouches for."""
    if ask.word("error"):
        raise NotSignedIn(f"The identity provider says: {ask.word('error_description', ask.word('error'))}")
    claims = _provider(ask).claims(journey, _back(ask), state=ask.word("state"), code=ask.word("code"))
    user = sign_on.recognised(ask.node, claims)
    return sessions.open_session(
        ask.node, user.login, address=who.address(ask.request), old=who.session_secret(ask.request),
        agent=ask.request.headers.get("user-agent", ""),
    )  # fmt: skip


def _provider(ask: Ask) -> oidc.Provider:
    found = oidc.provider(ask.node)
    if found is None:
        raise NotFound("identity provider", "", hint="Log in with a password.")
    return found


def _back(ask: Ask) -> str:
    """The address the provider sends people back to; it must be registered there."""
    base = ask.node.config.base_url or str(ask.request.base_url)
    return f"{base.rstrip('/')}{BACK}"


def _remember(ask: Ask, response: Response, value: str) -> None:
    """A cookie for the way back: the provider's page sends people here by a link, so `lax` lets it through."""
    response.set_cookie(
        oidc.COOKIE, value, max_age=MINUTES * 60, httponly=True, samesite="lax", path=BACK,
        secure=ask.request.url.scheme == "https",
    )  # fmt: skip
