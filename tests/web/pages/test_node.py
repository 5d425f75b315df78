"""Pages of administration: how the node stands, its settings; and the catalogue of kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core import registry
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser


def test_the_overview_says_who_works_and_tidies_on_demand(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    browser = a_browser(node)
    assert "Nobody works" in browser.get("/admin").text
    assert browser.post("/admin/tidy").location == "/admin"


def test_settings_say_where_they_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_BASE_URL", "http://studio.example")
    page = a_browser(a_node(tmp_path)).get("/admin/settings")
    assert "environment" in page.text
    assert "http://studio.example" in page.text


def test_administration_is_for_administrators(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    a_browser(node, rights=("read", "write")).get("/admin", status=403)


@pytest.mark.parametrize("family", [f for f in registry.FAMILIES if registry.names(f)])
def test_every_kind_stands_in_the_catalogue(family: str, tmp_path: Path) -> None:
    page = a_browser(a_node(tmp_path)).get(f"/catalogue/{family}")
    assert all(name in page.text for name in registry.names(family))
