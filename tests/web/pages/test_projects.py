"""The home of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.core.project import SETTINGS_FILE
from penstock.testing import a_node, a_project, build
from tests.web.browser import a_browser


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, {
        "datasets/raw": {"type": "inline", "rows": [{"x": 1}]},
        "datasets/copy": {"type": "managed"},
        "recipes/sync": {"type": "sync", "input": "raw", "output": "copy"},
    })  # fmt: skip
    return made


def settle(node: Node, **settings: object) -> None:
    changed = node.projects.load("DEMO").settings.changed(**settings)
    node.projects.save("DEMO", {SETTINGS_FILE: changed}, author="ann", message="Settings")


def test_the_home_says_what_the_project_is_for_and_who_is_in_it(node: Node) -> None:
    settle(node, title="<b>Late</b>", goals="**Why** <script>alert(1)</script>", people={"Ann": "owns it"})
    page = a_browser(node).get("/projects/DEMO")
    assert page.has("<strong>Why</strong>", "&lt;b&gt;Late&lt;/b&gt;")
    assert "<script>alert" not in page.html
    assert "owns it" in page.text


def test_a_new_project_says_what_would_stand_there(node: Node) -> None:
    text = a_browser(node).get("/projects/DEMO").text
    for said in ("No goals yet", "Nothing is left to do", "No scenario has run yet", "Nothing checked yet"):
        assert said in text


def test_what_happened_stands_there_newest_first(node: Node) -> None:
    job = build(node, "copy")
    page = a_browser(node).get("/projects/DEMO")
    assert f"/projects/DEMO/jobs/{job.id}" in page.links
    assert page.text.index("Build copy") < page.text.index("Define flow/datasets/raw.yaml")


def test_to_dos_are_added_ticked_and_dropped(node: Node) -> None:
    browser = a_browser(node)
    browser.post("/projects/DEMO/to-dos", {"text": "Ask <Bob>"})
    assert "&lt;Bob&gt;" in browser.get("/projects/DEMO").html
    browser.post("/projects/DEMO/to-dos/0", {"action": "done"})
    assert node.projects.load("DEMO").settings.to_dos[0].done
    browser.post("/projects/DEMO/to-dos/0", {"action": "drop"})
    assert node.projects.load("DEMO").settings.to_dos == ()
    browser.post("/projects/DEMO/to-dos/7", {"action": "done"}, status=404)
    browser.post("/projects/DEMO/to-dos", {"text": " "}, status=422)


def test_whoever_only_knows_of_a_project_sees_its_sentence_and_nothing_else(node: Node) -> None:
    settle(node, short_description="Foretells delays.", goals="Secret goals")
    page = a_browser(node, rights=("run scenarios",)).get("/projects/DEMO")
    assert "Foretells delays." in page.text
    assert "Secret goals" not in page.text


def test_a_reader_gets_no_field_for_to_dos(node: Node) -> None:
    page = a_browser(node, rights=("read",)).get("/projects/DEMO")
    assert "Something to do" not in page.html


def test_the_whole_timeline_can_be_asked_for(node: Node) -> None:
    assert "Define" in a_browser(node).get("/projects/DEMO/timeline?limit=1").text


def test_an_empty_project_offers_to_add_data(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    assert (
        'class="btn btn-primary" href="/projects/DEMO/datasets/new"'
        in a_browser(node).get("/projects/DEMO").html
    )
    assert a_browser(node).get("/projects/DEMO").html.count('href="/projects/DEMO/datasets/new"') == 1
    a_project(node, {"datasets/raw": {"type": "managed"}})
    assert "No data yet" not in a_browser(node).get("/projects/DEMO").text
