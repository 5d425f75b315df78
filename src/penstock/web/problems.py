"""Problems: an error as a page, or as a message inside the page that is there. What, where, what next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from penstock.core.errors import InvalidDefinition, PenstockError, SaveConflict
from penstock.web import advice
from penstock.web.asking import address

if TYPE_CHECKING:
    from penstock.core.errors import NotSignedIn
    from penstock.web.asking import Ask

TITLES = {
    400: "This request is not complete", 403: "Not allowed", 404: "Nothing here", 405: "Not this way",
    409: "Not now", 413: "Too large", 422: "That does not fit", 429: "Slow down",
}  # fmt: skip


def page(ask: Ask, error: PenstockError) -> Response:
    """One of our errors."""
    if isinstance(error, SaveConflict) and ask.form and not ask.is_fragment and not _wants_json(ask):
        return _conflict(ask, error)
    also = error.also if isinstance(error, InvalidDefinition) else ()
    return _shown(
        ask, error.http_status, title=_title(error), message=advice.of(error.message), hint=advice.of(error.hint),
        also=[advice.told(one) for one in also], code=error.code,
    )  # fmt: skip


def no_page(ask: Ask, status: int) -> Response:
    """An address without a page."""
    message = {
        404: f"No page of the studio has the address {ask.path}.",
        405: f"{ask.path} does not answer {ask.request.method}.",
    }.get(status, "The request could not be answered.")
    return _shown(ask, status, title=TITLES.get(status, "That did not work"), message=message)


def unexpected(ask: Ask, number: str) -> Response:
    """An error of ours that nobody foresaw; its number stands in the log."""
    return _shown(
        ask, 500, title="That was our fault",
        message=f"Something went wrong that should not. It is in the server's log under {number}.",
        hint="Try again; if it stays, tell whoever looks after this server the number.", number=number,
    )  # fmt: skip


def log_in(ask: Ask, error: NotSignedIn) -> Response:
    """Ask who it is, and come back here afterwards."""
    back = str(ask.request.url.path) + (f"?{ask.request.url.query}" if ask.request.url.query else "")
    there = address("login", next=back if ask.request.method == "GET" and not ask.is_fragment else None)
    if "application/json" in ask.request.headers.get("accept", ""):
        return ask.json({"title": "Not signed in", "detail": error.message}, status=401)
    return ask.to(there)


def _conflict(ask: Ask, error: SaveConflict) -> Response:
    """Somebody else was faster: what they did, what was typed here, and a way to save it all the same."""
    typed = [
        (k, v) for k, v in ask.form.multi_items() if isinstance(v, str) and k not in ("form_token", "base")
    ]
    return ask.page(
        "errors/conflict.html", status=error.http_status, conflict=error, typed=typed,
        back=ask.request.headers.get("referer", "") or ask.home,
    )  # fmt: skip


def _wants_json(ask: Ask) -> bool:
    return "application/json" in ask.request.headers.get("accept", "")


def _shown(ask: Ask, status: int, **told: Any) -> Response:
    data = {"hint": "", "also": (), "code": "", "number": "", **told, "http": status}
    if _wants_json(ask):
        return ask.json(
            {"title": data["title"], "detail": data["message"], "hint": data["hint"]}, status=status
        )
    if not ask.is_fragment:
        return ask.page("errors/page.html", status=status, **data)
    response = ask.fragment("errors/_fragment.html", status=status, **data)
    response.headers["HX-Retarget"] = "#toasts"
    response.headers["HX-Reswap"] = "beforeend"
    return response


def _title(error: PenstockError) -> str:
    return TITLES.get(error.http_status, "That did not work")
