"""The page of branches and repositories: share, push, switch, be told why not."""

from __future__ import annotations

from pathlib import Path

from penstock.runtime import projects, version_control
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser


def test_a_project_is_shared_and_switched_by_clicking(tmp_path: Path) -> None:
    from dulwich.repo import Repo

    (tmp_path / "hub.git").mkdir()
    Repo.init_bare(str(tmp_path / "hub.git"), default_branch=b"main").close()
    node = a_node(tmp_path)
    file = a_project(node, {"datasets/raw": {"type": "managed"}}).path / "flow/datasets/raw.yaml"
    browser = a_browser(node)
    page = "/projects/DEMO/git"
    assert "Not shared yet" in browser.get(page).text
    assert page in browser.get("/projects/DEMO/history").links
    browser.post(f"{page}/add", {"address": str(tmp_path / "hub.git"), "name": "origin"})
    browser.post(f"{page}/push", {"remote": "origin"})
    assert "is the same here and there" in browser.get(page).text
    browser.post(f"{page}/branch", {"branch": "idea", "start": ""})
    projects.define(node, "DEMO", "dataset", "raw", {"type": "managed", "title": "Idea"}, author="ann")
    browser.post(f"{page}/switch", {"branch": "main"})
    assert version_control.show(node, "DEMO").branch == "main"
    assert node.projects.load("DEMO").dataset("raw").title == ""
    file.write_text("type: managed\ntitle: By hand\n")
    refused = browser.post(f"{page}/switch", {"branch": "idea"}, status=409)
    assert "not saved yet" in refused.text
    refused = browser.post(f"{page}/branch", {"branch": "later", "start": ""}, status=409)
    assert "Branch later is there, but the project is not on it yet" in refused.text
    browser.post(f"{page}/drop", {"remote": ""})
    browser.post(f"{page}/fetch", {"remote": "origin"})
    browser.post(f"{page}/pull", {"remote": "origin"})
    browser.post(f"{page}/forget", {"remote": "origin"})
    assert version_control.show(node, "DEMO").remotes == ()
