"""Home: projects at a glance, a new one, one from a zip."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from penstock.core import registry
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser


def a_zip(**files: str) -> dict[str, tuple[str, bytes, str]]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_yaml", ".yaml"), text)
    return {"zip": ("fraud.zip", out.getvalue(), "application/zip")}


def test_a_home_without_projects_says_how_to_make_one(tmp_path: Path) -> None:
    page = a_browser(a_node(tmp_path)).get("/")
    assert "No projects yet" in page.text
    assert "/projects/new" in page.links


def test_somebody_who_may_make_none_is_told_whom_to_ask(tmp_path: Path) -> None:
    page = a_browser(a_node(tmp_path), rights=()).get("/")
    assert "Ask the owner" in page.text
    assert "/projects/new" not in page.links


def test_a_project_is_made_and_belongs_to_whoever_made_it(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    browser = a_browser(node)
    assert (
        browser.post("/projects/new", {"key": "FRAUD", "title": "Card fraud"}).location == "/projects/FRAUD"
    )
    assert node.users.people("FRAUD").owner == "ann"
    assert "Card fraud" in browser.get("/").text


def test_a_key_that_is_none_is_refused_beside_its_field(tmp_path: Path) -> None:
    page = a_browser(a_node(tmp_path)).post(
        "/projects/new", {"key": "my project", "title": "<i>T</i>"}, status=422
    )
    assert "is not a project key" in page.text
    assert "<i>T</i>" not in page.html


def test_only_projects_one_may_know_of_are_listed(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, key="OURS")
    a_project(node, key="THEIRS")
    page = a_browser(node, rights=("read",), project="OURS").get("/")
    assert "OURS" in page.text
    assert "THEIRS" not in page.text
    switcher = a_browser(node, login="bob", rights=("read",), project="OURS").fragment("/projects/switcher")
    assert "THEIRS" not in switcher.text


def test_a_project_comes_in_from_a_zip(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    answer = a_browser(node).post("/projects/import", files=a_zip(fraud__project_yaml="title: Fraud\n"))
    assert answer.location == "/projects/FRAUD"
    assert node.projects.load("FRAUD").settings.title == "Fraud"


def test_a_zip_that_reaches_outside_is_refused(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    files = a_zip(**{"fraud__project_yaml": "title: x\n", "..__..__evil": "x"})
    answer = a_browser(node).post("/projects/import", files=files, status=422)
    assert "reaches outside" in answer.text
    assert node.projects.keys() == []


def test_a_text_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    files = {"zip": ("x.zip", b"not a zip", "application/zip")}
    answer = a_browser(a_node(tmp_path)).post("/projects/import", files=files, status=422)
    assert "no zip" in answer.text


def test_connections_of_an_imported_project_are_chosen_at_the_form(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    browser = a_browser(node)
    files = a_zip(
        fraud__project_yaml="title: Fraud\n",
        fraud__flow__datasets__raw_yaml="type: sql_table\nconnection: warehouse\ntable: orders\n",
    )
    told = browser.post("/projects/import", {"key": "MINE"}, status=404, files=files)
    assert "There is no connection 'warehouse'" in told.text
    assert "Named by raw." in told.text
    assert node.projects.keys() == []
    node.connections.save(
        "store", registry.parse("connections", {"type": "sqlite", "path": str(tmp_path / "x.db")})
    )
    values = told.form_values("import")
    told = browser.post("/projects/import", values, status=404)
    made = browser.post("/projects/import", {**told.form_values("import"), "connection.warehouse": "store"})
    assert made.location == "/projects/MINE"
    assert node.projects.load("MINE").dataset("raw").to_mapping()["connection"] == "store"


def test_a_project_without_a_key_is_given_one_from_its_title(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    answer = a_browser(node).post("/projects/new", {"title": "Flights 2013", "key": ""})
    assert answer.location == "/projects/FLIGHTS_2013"
