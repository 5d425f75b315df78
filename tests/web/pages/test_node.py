"""Pages of administration: how the node stands, its settings; and the catalogue of kinds."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from penstock.core import registry
from penstock.runtime import node_logs
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


def test_logs_of_the_node_are_for_administrators_and_hold_no_secret(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    node.secrets.put("mail", "s3cr3t-word")
    browser = a_browser(node)
    assert "Nothing was said yet" in browser.get("/admin/logs").text
    with node_logs.kept(node, "server"):
        logging.getLogger("penstock.tried").warning("<b>bold</b> s3cr3t-word")
    (kept,) = node_logs.listing(node)
    page = browser.get("/admin/logs")
    assert kept.name in page.text
    assert "s3cr3t-word" not in page.html
    assert f"/admin/logs/live?name={kept.name}" in page.html
    browser.get("/admin/logs?name=../web.key", status=404)
    browser.get("/admin/logs/live?name=../web.key", status=404)
    assert "/admin/logs" in browser.get("/admin").links
    a_browser(node, login="bob", rights=()).get("/admin/logs", status=403)


def test_the_code_environment_is_searched(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    page = a_browser(node).get("/code-environment?text=pyarrow")
    assert "pyarrow" in page.text
    assert "numpy" not in page.text
    assert sys.executable in page.text
    everybody = a_browser(node, login="bob", rights=()).get("/code-environment")
    assert "numpy" in everybody.text
    assert "No package has" in a_browser(node).get("/code-environment?text=xyzzy<b>").text
