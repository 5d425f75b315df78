"""Pages of code environments and plugins: asked for by form, looked into, seen by readers of a project."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

import pytest

from penstock.core.node import Node
from penstock.runtime import environments
from penstock.testing import KEY, a_node, a_project
from tests.web.browser import a_browser

USING = {"datasets/out": {"type": "managed"},
         "recipes/who": {"type": "python", "outputs": ["out"], "body": "", "code_environment": "bare"}}  # fmt: skip


def until(found: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what another thread does."""
    end = monotonic() + seconds
    while not found():
        assert monotonic() < end
        sleep(0.02)


def is_ready(node: Node) -> bool:
    return environments.show(node, "bare").state == "ready"


def test_an_environment_is_asked_for_by_form_and_built_behind_the_page(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    browser = a_browser(node)
    assert "No code environment yet" in browser.get("/admin/environments").text
    browser.post(
        "/admin/environments/new", {"name": "bare", "packages": "# none", "description": "For nothing"}
    )
    until(lambda: is_ready(node))
    page = browser.get("/admin/environments/bare")
    assert "Ready" in page.text
    assert "For nothing" in page.text
    assert "bare" in browser.get("/admin/environments").text


def test_a_flaw_is_told_and_nothing_is_built(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    answer = a_browser(node).post(
        "/admin/environments/new", {"name": "bare", "packages": "-r /etc/passwd"}, status=422
    )
    assert "option of pip" in answer.text
    assert environments.names(node) == ["builtin"]


@pytest.mark.requirement("D70")
def test_a_reader_sees_and_downloads_what_the_code_of_a_project_runs_in(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    environments.create(node, "bare", {}, by="ann")
    a_project(node, USING)
    reader = a_browser(node, rights=("read",))
    page = reader.get(f"/projects/{KEY}/environments")
    version = node.environments.version("bare")
    assert version is not None
    assert f"Python {version.python}" in page.text
    assert "recipe who" in page.text
    reader.get("/admin/environments", status=403)
    reader.get("/admin/environments/bare", status=403)
    archive = reader.get(f"/projects/{KEY}/environments/bare/archive")
    with zipfile.ZipFile(BytesIO(archive.content)) as opened:
        assert "requirements.txt" in opened.namelist()


@pytest.mark.requirement("D73")
def test_plugins_are_listed_with_their_kinds_and_uses(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/wide": {"type": "managed"}, "datasets/out": {"type": "managed", "checks": [
        {"type": "example.even", "name": "pairs", "metric": "records:COUNT_RECORDS"}]}})  # fmt: skip
    browser = a_browser(node)
    assert "example" in browser.get("/admin/plugins").text
    page = browser.get("/admin/plugins/example").text
    assert "example.even" in page
    assert "dataset out" in page
    assert "dataset out" in browser.get(f"/projects/{KEY}/environments").text
    assert "beside Penstock" in browser.post("/admin/plugins/example/delete", {}, status=403).text


def test_what_is_no_plugin_is_told_on_the_page(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    answer = a_browser(node).post(
        "/admin/plugins/clone", {"repository": str(tmp_path / "nowhere")}, status=422
    )
    assert "is no address of a git repository" in answer.text
