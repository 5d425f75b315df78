"""Pages of history: saves, what they changed, the way back, edits by hand, problems."""

from __future__ import annotations

from pathlib import Path

from penstock.runtime import projects, variables
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser


def test_each_save_leads_to_what_it_changed_and_back(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    variables.assign(node, "DEMO", {"a": "one"}, author="ann")
    variables.assign(node, "DEMO", {"a": "two"}, author="ann")
    older = projects.history(node, "DEMO")[1]
    browser = a_browser(node)
    assert f"/projects/DEMO/history/{older.id}" in browser.get("/projects/DEMO/history").links
    assert "one" in browser.get(f"/projects/DEMO/history/{older.id}").text
    browser.post(f"/projects/DEMO/history/{older.id}/revert")
    assert {v.name: v.value for v in variables.levels(node, "DEMO")}["a"] == "one"


def test_an_edit_by_hand_is_shown_and_saved(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    file = a_project(node, {"datasets/raw": {"type": "managed"}}).path / "flow/datasets/raw.yaml"
    file.write_text("type: managed\ntitle: By hand\n")
    browser = a_browser(node)
    assert "1 file edited by hand" in browser.get("/projects/DEMO/history").text
    assert "By hand" in browser.get("/projects/DEMO/history/pending").text
    browser.post("/projects/DEMO/history/pending", {"message": "A title"})
    assert projects.history(node, "DEMO")[0].message.startswith("A title")


def test_problems_name_file_and_field(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    project = a_project(node, {"datasets/raw": {"type": "managed"}})
    assert "Everything is well formed" in a_browser(node).get("/projects/DEMO/problems").text
    (project.path / "flow/datasets/raw.yaml").write_text("type: mangaed\n")
    assert "Did you mean managed" in a_browser(node).get("/projects/DEMO/problems").text


def test_a_commit_there_is_not_is_not_found(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    a_browser(node).get("/projects/DEMO/history/beef", status=404)
