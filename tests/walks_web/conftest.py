"""A real server on a free port, and a real browser. Pictures are kept in `screens/`, which git does not."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn

from penstock import server
from penstock.core.node import Node
from penstock.runtime import users
from penstock.testing import a_node
from tests.web.every_page import a_full_studio

playwright_api = pytest.importorskip("playwright.sync_api", reason="the Python package playwright is missing")
PATIENCE = 60_000
"""Milliseconds a walk waits for what it expects: a busy machine is slow, and whoever finds it waits no longer."""
playwright_api.expect.set_options(timeout=PATIENCE)
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SCREENS = Path(__file__).parent / "screens"
PASSWORD = "correct horse battery"
DRAWN = """() => new Promise((done) => {
  const until = performance.now() + 2000;
  const look = () => {
    const drawn = !document.querySelector(':not(:defined)') && [...document.querySelectorAll('vega-chart')]
      .every((chart) => !chart.clientWidth || chart.textContent || chart.querySelector('svg'));
    if (drawn || performance.now() > until) done(); else setTimeout(look, 10);
  };
  setTimeout(look, 20);
})"""
"""Waits until every island is there and every chart in sight has a picture; for one that never has, two seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    missing = not Path(CHROMIUM).exists()
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.slow)
            if missing:
                reason = "the Debian package chromium is not installed: apt-get install chromium"
                item.add_marker(pytest.mark.skip(reason=reason))


@dataclass(kw_only=True)
class Studio:
    """One person in front of the studio of one node."""

    node: Node
    base: str
    page: playwright_api.Page
    complaints: list[str] = field(default_factory=list)
    """What the browser's console said: a walk ends with none."""

    def go(self, path: str) -> None:
        """Open an address of the studio."""
        self.page.goto(self.base + path, wait_until="load")

    def log_in(self, login: str = "ann", password: str = PASSWORD) -> None:
        """Log in by the form."""
        self.go("/login")
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(lambda url: "/login" not in url)

    def picture(self, name: str) -> None:
        """Keep the page as it is, in light and in dark, wide and narrow."""
        SCREENS.mkdir(exist_ok=True)
        safe, before = (
            re.sub(r"\W+", "-", name),
            self.page.evaluate("document.documentElement.dataset.bsTheme"),
        )
        for look in ("light", "dark"):
            self.page.evaluate("look => document.documentElement.setAttribute('data-bs-theme', look)", look)
            self.page.evaluate("document.dispatchEvent(new CustomEvent('penstock:theme'))")
            for size, width in (("wide", 1440), ("phone", 390)):
                self.page.set_viewport_size({"width": width, "height": 900})
                self.page.wait_for_timeout(150)
                self.page.screenshot(path=SCREENS / f"{safe}-{size}-{look}.png", full_page=True)
        self.page.evaluate("look => document.documentElement.setAttribute('data-bs-theme', look)", before)
        self.page.set_viewport_size({"width": 1440, "height": 900})

    def no_complaints(self) -> None:
        """The browser found nothing to say: no blocked style, no failed script."""
        assert self.complaints == []


def fill_in(field: playwright_api.Locator, value: str) -> None:
    """Type into a field, or choose in a picker what people read there."""
    if field.evaluate("f => f.tagName") != "SELECT":
        field.fill(value)
        return
    if field.locator(f'option[value="{value}"]').count():
        field.select_option(value)
        return
    words = re.compile(rf"^\s*{re.escape(value)}(\s*\(.*)?\s*$")
    field.select_option(field.locator("option", has_text=words).first.get_attribute("value"))


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """An empty node with one administrator, ann."""
    made = a_node(tmp_path)
    users.add(made, "ann", name="Ann", admin=True, password=PASSWORD)
    return made


@pytest.fixture
def studio(node: Node) -> Iterator[Studio]:
    """The node served with a worker, and an empty browser in front of it."""
    with at_the_studio(node) as made:
        yield made


@contextmanager
def at_the_studio(node: Node) -> Iterator[Studio]:
    """`with at_the_studio(node) as studio:` – the node served, and an empty browser in front of it."""
    with serving(node) as base, playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        page.set_default_timeout(PATIENCE)
        made = Studio(node=node, base=base, page=page)
        page.on(
            "console",
            lambda m: made.complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda e: made.complaints.append(str(e)))
        try:
            yield made
        finally:
            browser.close()


@contextmanager
def in_a_full_studio(folder: Path) -> Iterator[Studio]:
    """An administrator in front of a project that has one object of every sort."""
    full = a_full_studio(folder)
    users.add(full, "ann", name="Ann", admin=True, password=PASSWORD)
    with at_the_studio(full) as studio:
        studio.log_in()
        yield studio


class serving:
    """`with serving(node) as address:` – the whole product in threads of this process."""

    def __init__(self, node: Node, *, worker: bool = True) -> None:
        app = server.make(node, worker=worker)
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        until = time.monotonic() + 60
        while not self._server.started:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.02)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *error: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)
