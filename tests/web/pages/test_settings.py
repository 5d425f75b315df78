"""Settings of a project."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import importing, project_settings
from penstock.testing import a_node, a_project, fill, rows
from tests.web.browser import a_browser

URL = "/projects/DEMO/settings"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, {"datasets/raw": {"type": "managed"}})

    made.projects.set_variables("DEMO", {"limit": 3}, author="ann")
    return made


def test_what_a_project_says_about_itself_is_changed_and_the_rest_is_kept(node: Node) -> None:
    browser = a_browser(node)
    people = {"people.0.key": "Ann", "people.0.value": "owns it"}
    browser.post_from(URL, {"title": "<b>Late</b>", "goals": "**Why**", **people}, form=1)
    kept = node.projects.load("DEMO").settings
    assert (kept.title, kept.goals, kept.people) == ("<b>Late</b>", "**Why**", {"Ann": "owns it"})
    assert kept.variables == {"limit": 3}
    assert "<b>Late</b>" not in browser.get(URL).html


def test_a_wrong_value_is_told_at_its_field(node: Node) -> None:
    answer = a_browser(node).post_from(URL, {"snapshots_kept": "0"}, form=1, status=422)
    assert "at least 1" in answer.text


def test_somebody_who_was_slower_is_told_what_the_other_did(node: Node) -> None:
    browser = a_browser(node)
    values = browser.get(URL).form_values(1)
    project_settings.save(node, "DEMO", {"title": "Faster"}, author="bob")
    answer = browser.post(URL, {**values, "title": "Slower"}, status=409)
    assert "Faster" in answer.text
    assert node.projects.load("DEMO").settings.title == "Faster"


def test_the_zip_of_a_project_is_taken_in_elsewhere(node: Node) -> None:
    answer = a_browser(node, rights=("read",)).get("/projects/DEMO/export")
    made = importing.from_zip(node, io.BytesIO(answer.content), key="AGAIN", author="ann")
    assert list(made.datasets) == ["raw"]
    assert made.settings.variables == {"limit": 3}


def test_data_goes_along_for_those_who_may_export_it(node: Node) -> None:
    fill(node, "raw", n=[1])
    assert "raw is an input" in a_browser(node).get(URL).text
    answer = a_browser(node).get("/projects/DEMO/export?with=inputs&with=history")
    made = importing.from_zip(node, io.BytesIO(answer.content), key="AGAIN", author="ann")
    assert rows(node, "raw", key=made.key) == [{"n": 1}]
    a_browser(node, rights=("read",)).get("/projects/DEMO/export?with=inputs", status=403)


def test_a_project_is_deleted_by_its_administrator_who_types_its_key(node: Node) -> None:
    a_browser(node, rights=("write",)).post("/projects/DEMO/delete", {"key": "DEMO"}, status=403)
    browser = a_browser(node)
    browser.post("/projects/DEMO/delete", {"key": "demo"}, status=422)
    assert browser.post("/projects/DEMO/delete", {"key": "DEMO"}).location == "/"
    assert node.projects.keys() == []


def test_a_reader_sees_the_settings_and_cannot_change_them(node: Node) -> None:
    page = a_browser(node, rights=("read",)).get(URL)
    assert '<fieldset class="bare stack" disabled>' in page.html
    assert "Delete DEMO" not in page.text
