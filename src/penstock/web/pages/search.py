"""Search over everything somebody may read."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.runtime import search
from penstock.runtime.search import Found
from penstock.web.asking import Ask, address
from penstock.web.pages.home import SECTIONS
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/search", Permission.SIGNED_IN)
def find(ask: Ask) -> Response:
    """A page, or a list for the search box."""
    words = ask.word("q")
    found = search.find(
        ask.node, ask.me, words, here=ask.word("project"), most=12 if ask.is_fragment else 100
    )
    data: dict[str, Any] = {"words": words, "found": [(one, _url(one)) for one in found]}
    return (
        ask.fragment("home/_found.html", **data) if ask.is_fragment else ask.page("home/search.html", **data)
    )


def _url(found: Found) -> str:
    if found.sort == "project":
        return address("projects", found.project)
    return address("projects", found.project, SECTIONS[found.sort], found.name)
