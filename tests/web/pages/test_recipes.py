"""Pages of recipes: choose a kind, create with outputs, save, run, plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core import registry
from penstock.core.node import Node
from penstock.runtime import projects
from penstock.testing import a_node, a_project, fill, rows
from tests.web.browser import a_browser


def _node(folder: Path) -> Node:
    node = a_node(folder)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", n=[1, 2, 2])
    return node


@pytest.mark.parametrize("type", sorted(registry.names("recipes")))
def test_every_kind_of_recipe_is_offered_and_has_a_form(type: str, tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    assert f"/projects/DEMO/recipes/new?type={type}" in browser.get("/projects/DEMO/recipes/new").links
    assert "Create recipe" in browser.get(f"/projects/DEMO/recipes/new?type={type}&inputs=raw").text


def test_a_recipe_is_created_with_the_output_it_names_and_run(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    address = "/projects/DEMO/recipes/new?type=distinct&inputs=raw"
    values = browser.get(address).form_values(1)
    assert values["recipe_name"] == "distinct_raw"
    assert (
        browser.post("/projects/DEMO/recipes/new", values).location == "/projects/DEMO/recipes/distinct_raw"
    )
    job = browser.post("/projects/DEMO/recipes/distinct_raw/run").location.rsplit("/", 1)[1]
    while not node.runs.job(job).state.final:
        pass
    assert rows(node, "raw_distinct") == [{"n": 1}, {"n": 2}]


def test_what_is_wrong_stands_at_its_field_and_nothing_is_made(tmp_path: Path) -> None:
    node = _node(tmp_path)
    values = {"type": "distinct", "recipe_name": "one", "input": "raw", "output": "a name"}
    assert "a name" in a_browser(node).post("/projects/DEMO/recipes/new", values, status=422).html
    assert not projects.show(node, "DEMO").recipes


def test_settings_are_saved_and_a_save_of_somebody_else_is_not_lost(tmp_path: Path) -> None:
    node = _node(tmp_path)
    a_project(node, {"datasets/top": {"type": "managed"}})
    a_project(
        node, {"recipes/best": {"type": "top", "input": "raw", "output": "top", "first": 1, "order": ["n"]}}
    )
    browser = a_browser(node)
    page = "/projects/DEMO/recipes/best"
    opened = browser.get(page).form_values("recipe-form")
    browser.post(page, {**opened, "first": "2"})
    assert projects.show(node, "DEMO").recipe("best").to_mapping()["first"] == 2
    assert "Somebody else saved" in browser.post(page, {**opened, "first": "3"}, status=409).text
    assert projects.show(node, "DEMO").recipe("best").to_mapping()["first"] == 2


@pytest.mark.requirement("A24")
def test_the_plan_says_what_would_run_and_why_and_runs_nothing(tmp_path: Path) -> None:
    node = _node(tmp_path)
    a_project(node, {"datasets/copied": {"type": "managed"}})
    a_project(node, {"recipes/copy": {"type": "sync", "input": "raw", "output": "copied"}})
    assert "never built" in a_browser(node).get("/projects/DEMO/recipes/copy/plan").text
    assert node.runs.jobs("DEMO") == []


def test_descriptions_are_shown_escaped_and_kept_when_settings_are_saved(tmp_path: Path) -> None:
    node = _node(tmp_path)
    a_project(node, {"datasets/copied": {"type": "managed"}})
    a_project(node, {"recipes/copy": {"type": "sync", "input": "raw", "output": "copied"}})
    browser = a_browser(node)
    browser.post_from("/projects/DEMO/recipes/copy/about", {"title": "<b>Copy</b>"}, form=1)
    page = browser.get("/projects/DEMO/recipes/copy")
    assert "<b>Copy</b>" not in page.html
    browser.post("/projects/DEMO/recipes/copy", page.form_values("recipe-form"))
    assert projects.show(node, "DEMO").recipe("copy").title == "<b>Copy</b>"


def test_a_recipe_is_deleted_and_what_it_made_stays(tmp_path: Path) -> None:
    node = _node(tmp_path)
    a_project(node, {"datasets/copied": {"type": "managed"}})
    a_project(node, {"recipes/copy": {"type": "sync", "input": "raw", "output": "copied"}})
    a_browser(node).post("/projects/DEMO/recipes/copy/delete")
    found = projects.show(node, "DEMO")
    assert "copy" not in found.recipes
    assert "copied" in found.datasets


def test_whoever_only_reads_sees_settings_and_changes_none(tmp_path: Path) -> None:
    node = _node(tmp_path)
    a_project(node, {"datasets/copied": {"type": "managed"}})
    a_project(node, {"recipes/copy": {"type": "sync", "input": "raw", "output": "copied"}})
    reader = a_browser(node, rights=("read",))
    assert "Save" not in reader.get("/projects/DEMO/recipes/copy").text
    reader.post("/projects/DEMO/recipes/copy/run", status=403)
