"""Patterns: everything there is, on one page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock.core import registry
from penstock.testing import a_node
from penstock.web.look import HERE
from tests.web.browser import a_browser

MACROS = [
    name
    for file in sorted((HERE / "templates" / "ui").glob("[a-z]*.html"))
    for name in re.findall(r"{% macro (\w+)\(", file.read_text())
]
INNER = frozenset({
    "under", "panel", "chart_at", "menu_link", "menu_action", "num", "when", "narrow", "kind_icon", "object", "publish",
    "saver",
})  # fmt: skip
"""Shown inside of others, or only inside a project."""


def test_every_component_stands_on_the_page_of_patterns(tmp_path: Path) -> None:
    html = a_browser(a_node(tmp_path)).get("/patterns").html
    template = (HERE / "templates" / "patterns" / "patterns.html").read_text()
    assert 'data-bs-theme="light"' in html
    missing = [m for m in MACROS if f"ui.{m}(" not in template and m not in INNER]
    assert not missing


@pytest.mark.parametrize("family", [f for f in registry.FAMILIES if f != "functions"])
def test_the_form_of_a_kind_can_be_looked_at(family: str, tmp_path: Path) -> None:
    name = next(iter(registry.names(family)))
    page = a_browser(a_node(tmp_path)).get(f"/patterns/forms/{family}/{name}")
    assert f"{family}-{name}.type" in page.html
