"""Sharing in the studio: the page, the node in the Flow of the other project, its rows, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import projects, sharing
from penstock.testing import a_node, a_project, fill
from tests.web.browser import a_browser

PAGE = "/projects/BANK/permissions/shared"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(
        made, {"datasets/raw": {"type": "managed", "title": "<b>Money</b>"}, "folders/box": {}}, key="BANK"
    )
    a_project(made, {"datasets/copied": {"type": "managed"}}, key="SHOP")
    fill(made, "raw", key="BANK", n=[1, 2])
    return made


def test_an_object_is_shared_and_no_longer_shared_by_clicking(node: Node) -> None:
    browser = a_browser(node)
    assert "Nothing is shared" in browser.get(PAGE).text
    browser.post_from(f"{PAGE}?object=raw", {"object": "raw", "projects": "SHOP"})
    page = browser.get(PAGE)
    assert "SHOP as BANK.raw, by no recipe yet" in page.text
    assert "BANK.raw" in browser.get("/projects/SHOP/permissions/shared").text
    browser.post(f"{PAGE}/raw/stop")
    assert "Nothing is shared" in browser.get(PAGE).text
    assert "BANK.raw" not in browser.get("/projects/SHOP/flow").html


def test_without_a_project_nothing_is_shared(node: Node) -> None:
    assert "Choose the projects" in a_browser(node).post(PAGE, {"object": "raw"}, status=422).text


def test_it_stands_in_the_other_flow_and_its_panel_offers_only_what_reads_it(node: Node) -> None:
    sharing.share(node, "BANK", "raw", ["SHOP"], by="ann")
    browser = a_browser(node)
    assert 'data-id="BANK.raw"' in browser.get("/projects/SHOP/flow").html
    panel = browser.fragment("/projects/SHOP/flow/panel?select=BANK.raw")
    assert "Project BANK shares it: it is read here and changed there." in panel.text
    assert "in project BANK" in panel.text
    assert "New recipe from it" in panel.text
    for word in ("Rename", "Delete", "Clear data", "Build downstream", "Share with projects"):
        assert word not in panel.text
    assert "Share with projects" in browser.fragment("/projects/BANK/flow/panel?select=raw").text


def test_its_rows_are_explored_and_nothing_else_is_offered(node: Node) -> None:
    sharing.share(node, "BANK", "raw", ["SHOP"], by="ann")
    browser = a_browser(node, login="bob", rights=("read",), project="SHOP")
    page = browser.get("/projects/SHOP/datasets/BANK.raw")
    assert "<b>Money</b>" not in page.html
    assert not [link for link in page.links if "/BANK.raw/" in link and not link.endswith("/rows")]
    assert browser.client.get("/projects/SHOP/datasets/BANK.raw/rows").json()["cells"] == [[1, 2]]
    assert browser.client.get("/projects/BANK/datasets/raw/rows").status_code in (403, 404)


def test_a_recipe_begun_from_it_writes_to_a_name_of_its_own(node: Node) -> None:
    sharing.share(node, "BANK", "raw", ["SHOP"], by="ann")
    browser = a_browser(node)
    begun = browser.get("/projects/SHOP/recipes/new?type=sync&inputs=BANK.raw")
    assert "BANK.raw" in begun.html
    values = {**begun.form_values("recipes/new" if "recipes/new" in begun.html else 0), "recipe_name": "take"}
    browser.post("/projects/SHOP/recipes/new", values)
    made = projects.show(node, "SHOP").recipe("take")
    assert made.reads == ("BANK.raw",)
    assert made.writes[0].startswith("raw_")


def test_only_who_may_share_finds_the_form(node: Node) -> None:
    reader = a_browser(node, login="bob", rights=("read",), project="BANK")
    assert "Share an object" not in reader.get(PAGE).text
    reader.post(PAGE, {"object": "raw", "projects": "SHOP"}, status=403)
    sharer = a_browser(node, login="eva", rights=("read", "share objects"), project="BANK")
    assert "There is no other project that you know of" in sharer.get(PAGE).text
    sharer.post(PAGE, {"object": "raw", "projects": "SHOP"}, status=404)
