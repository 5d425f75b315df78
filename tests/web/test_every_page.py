"""Every page there is answers, for whoever may see everything: a route that nobody gave an example of fails here."""

from __future__ import annotations

from pathlib import Path

from penstock.web import routes
from tests.web.browser import a_browser
from tests.web.every_page import NO_PAGES, a_full_studio, pages, places


def test_every_page_of_the_studio_is_shown(tmp_path: Path) -> None:
    node = a_full_studio(tmp_path)
    browser = a_browser(node)
    shown = set()
    for place in places(node, browser):
        page = browser.get(place.path)
        assert '<main id="main"' in page.html, f"{place.path} is no page: name its route in NO_PAGES"
        shown.add(place.route)
    assert shown == {route.name for route in pages()}


def test_what_is_no_page_is_a_route() -> None:
    assert {route.name for route in routes.every() if route.method == "GET"} >= NO_PAGES
