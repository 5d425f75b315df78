"""Markup typed into every form, in rows, names and classes, looked at in a real browser: nothing of it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from penstock.core.node import Node
from penstock.http import who
from tests.security.markup import Typist, route_of, typed
from tests.walks_web.conftest import DRAWN, PATIENCE, Studio

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Dialog, Page

MADE = """document.querySelectorAll('img[src="x"]:not(.prose *), [onerror], a[href^="javascript:"]').length"""
"""How many elements a page has that only markup which was taken for a page can have made. An article may hold a
picture, without what would run."""
OPENED = [
    "data-grid .grid-analyse",
    "flow-graph [data-name]",
    "step-list .step-card",
    "summary",
    "[data-dialog]",
]
"""What shows more when it is clicked: a panel, a form, a menu, a dialog."""
CLICKED = """found => { for (const one of found) for (const element of [...document.querySelectorAll(one)].slice(0, 3))
  if (!element.closest("a, [data-href]")) element.dispatchEvent(new MouseEvent("click", { bubbles: true })); }"""
WINDOWS = 5
"""So many pages are open beside each other, and waited for together."""


@pytest.fixture
def typist(tmp_path: Path) -> Typist:
    return typed(tmp_path)


@pytest.fixture
def node(typist: Typist) -> Node:
    return typist.node


def looked_at(typist: Typist) -> list[str]:
    """An address of every page: of the objects that are full of markup where there is a choice, and every screen."""
    found: dict[str, str] = {}
    for url, page in typist.pages():
        route = route_of("GET", url)
        if route is not None and page.is_whole:
            key = urlsplit(url).path if route.path.endswith("{screen}") else route.path
            if key not in found or any(f"/{name}" in url for name in ("raw", "marks", "judged")):
                found[key] = url
    return list(found.values())


def a_window(studio: Studio, secret: str) -> Page:
    """A browser of its own: those with one store of cookies share six connections, of which a live page keeps one."""
    browser = studio.page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": who.COOKIE, "value": secret, "url": studio.base}])
    return context.new_page()


def batched(urls: list[str], size: int) -> Iterator[list[str]]:
    return (urls[at : at + size] for at in range(0, len(urls), size))


@pytest.mark.timeout(1200)
def test_nothing_of_it_runs_on_any_page_or_island(studio: Studio, typist: Typist) -> None:
    pages = looked_at(typist)
    ran: list[str] = []

    def said(box: Dialog) -> None:
        ran.append(f"{box.page and box.page.url} said {box.message}")
        box.dismiss()

    def complained(message: ConsoleMessage) -> None:
        studio.complaints += [message.text] if message.type in ("error", "warning") else []

    windows = [a_window(studio, typist.browser.secret) for _ in range(WINDOWS)]
    for window in windows:
        window.on("dialog", said)
        window.on("console", complained)
    for batch in batched(pages, WINDOWS):
        opened = list(zip(batch, windows, strict=False))
        for url, window in opened:
            window.goto(studio.base + url)
        for _, window in opened:
            window.evaluate(DRAWN)
            window.evaluate(CLICKED, OPENED)
        studio.page.wait_for_timeout(120)
        for url, window in opened:
            window.wait_for_load_state()
            if made := window.evaluate(MADE):
                ran.append(f"{url}: {made} elements were made of what was typed")
    complaints = len(studio.complaints)
    windows[0].evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    windows[0].wait_for_timeout(200)
    assert windows[0].evaluate(MADE) == 1, "this walk would not have seen it"
    assert [words for words in studio.complaints[complaints:] if "Content Security Policy" in words]
    ran += [words for words in studio.complaints[:complaints] if "Content Security Policy" in words]
    assert not ran, "\n".join(ran)
    assert len(pages) > 80
