"""Account: log in and out, the one-time link, and what people set for themselves."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid, NotSignedIn, PenstockError, TooManyAttempts
from penstock.core.user import User
from penstock.http import who
from penstock.runtime import sessions, users
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
YEAR = 365 * 24 * 3600
THEMES = ("light", "dark", "auto")


@routes.get("/login", Permission.ANYBODY)
def login(ask: Ask) -> Response:
    if ask.me.is_known:
        return ask.to(safe_next(ask))
    return ask.page("account/login.html", login="", wrong="", next=safe_next(ask))


@routes.post("/login", Permission.ANYBODY)
def sign_in(ask: Ask) -> Response:
    login = ask.word("login")
    try:
        secret = sessions.sign_in(
            ask.node, login, str(ask.form.get("password", "")), address=who.address(ask.request),
            agent=ask.request.headers.get("user-agent", ""), old=who.session_secret(ask.request),
        )  # fmt: skip
    except (NotSignedIn, TooManyAttempts) as error:
        return ask.page(
            "account/login.html",
            status=error.http_status,
            login=login,
            wrong=advice.told(error),
            next=safe_next(ask),
        )
    return _with_session(ask, secret, safe_next(ask))


@routes.post("/logout", Permission.SIGNED_IN)
def sign_out(ask: Ask) -> Response:
    sessions.sign_out(ask.node, who.session_secret(ask.request))
    response = ask.to("/login", "You are logged out.", "info")
    who.forget(response)
    return response


@routes.get("/welcome/{secret}", Permission.ANYBODY)
def welcome(ask: Ask, secret: str) -> Response:
    link = sessions.look_at_link(ask.node, secret)
    return ask.page("account/welcome.html", link=link, secret=secret, wrong="")


@routes.post("/welcome/{secret}", Permission.ANYBODY)
def set_first_password(ask: Ask, secret: str) -> Response:
    link = sessions.look_at_link(ask.node, secret)
    try:
        _check_twice(ask)
        session = sessions.use_link(
            ask.node, secret, str(ask.form.get("password", "")), address=who.address(ask.request),
            agent=ask.request.headers.get("user-agent", ""), old=who.session_secret(ask.request),
        )  # fmt: skip
    except Invalid as error:
        return ask.page(
            "account/welcome.html", status=422, link=link, secret=secret, wrong=advice.told(error)
        )
    ask.flash("Welcome. Your password is set.")
    return _with_session(ask, session, "/")


@routes.get("/me", Permission.SIGNED_IN)
def me(ask: Ask) -> Response:
    return _me(ask)


@routes.post("/me", Permission.SIGNED_IN)
def change_me(ask: Ask) -> Response:
    ask.check_seen("Your account", _seen(users.show(ask.node, ask.me.login)))
    try:
        users.change(ask.node, ask.me.login, name=ask.word("name"), email=ask.word("email"))
    except PenstockError as error:
        return _me(ask, wrong=advice.told(error))
    return ask.to("/me", "Saved.")


@routes.post("/me/password", Permission.SIGNED_IN)
def change_password(ask: Ask) -> Response:
    try:
        _check_twice(ask)
        sessions.change_password(
            ask.node, ask.me.login, str(ask.form.get("old", "")), str(ask.form.get("password", "")),
            address=who.address(ask.request), keep=who.session_secret(ask.request),
        )  # fmt: skip
    except PenstockError as error:
        return _me(ask, wrong_password=advice.told(error))
    return ask.to("/me", "Your password is changed; you are logged out everywhere else.")


@routes.post("/me/sessions/end", Permission.SIGNED_IN)
def end_sessions(ask: Ask) -> Response:
    ended = sessions.sign_out_elsewhere(ask.node, ask.me.login, keep=who.session_secret(ask.request))
    return ask.to("/me", f"{ended} other sessions ended.")


@routes.post("/me/theme", Permission.ANYBODY)
def set_theme(ask: Ask) -> Response:
    theme = ask.word("theme")
    if theme not in THEMES:
        raise Invalid(f"There is no theme '{theme}'.", hint="There are light, dark and auto.")
    response = Response(status_code=204)
    response.set_cookie(
        "penstock_theme", theme, max_age=YEAR, samesite="lax", secure=ask.request.url.scheme == "https"
    )
    return response


def _seen(user: User) -> dict[str, str]:
    return {"name": user.name, "email": user.email}


def _me(ask: Ask, *, wrong: str = "", wrong_password: str = "") -> Response:
    return ask.page(
        "account/me.html", status=422 if wrong or wrong_password else 200, wrong=wrong,
        wrong_password=wrong_password, user=users.show(ask.node, ask.me.login),
        seen=_seen(users.show(ask.node, ask.me.login)),
        sessions=sessions.mine(ask.node, ask.me.login),
        here=sessions.hashed(who.session_secret(ask.request)),
    )  # fmt: skip


def _with_session(ask: Ask, secret: str, url: str) -> Response:
    response = ask.to(url)
    who.remember(response, secret, ask.request)
    return response


def _check_twice(ask: Ask) -> None:
    if ask.form.get("password") != ask.form.get("again"):
        raise Invalid("The two passwords are not the same.")


def safe_next(ask: Ask, wanted: str = "") -> str:
    """Where to go after logging in: an address of ours, never another site's."""
    wanted = wanted or ask.word("next", "/")
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if is_ours and not parts.scheme else "/"
