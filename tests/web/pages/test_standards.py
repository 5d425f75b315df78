"""The pages of project standards."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import standards
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    return node


def test_before_anybody_looked_it_says_what_would_stand_here(node: Node) -> None:
    assert "Nobody looked yet" in a_browser(node).get("/projects/DEMO/standards").text


def test_looking_shows_what_is_to_review_with_links(node: Node) -> None:
    browser = a_browser(node, rights=("read",))
    browser.post("/projects/DEMO/standards")
    page = browser.get("/projects/DEMO/standards")
    assert "To review" in page.text
    assert "The project has no description." in page.text
    assert "/projects/DEMO/datasets/raw" in page.links


def test_an_administrator_chooses_which_hold(node: Node) -> None:
    browser = a_browser(node)
    form = browser.get("/admin/standards").form_values("standards")
    browser.post("/admin/standards", form)
    assert standards.settings(node) == node.standards.chosen()
    browser.post("/admin/standards/all")
    assert node.standards.chosen() is None
    a_browser(node, login="bob", rights=("read",)).get("/admin/standards", status=403)
