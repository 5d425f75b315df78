"""Pages of recipes: choose a kind, create with outputs, save, run, plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core import registry
from penstock.core.node import Node
from penstock.runtime import projects
from penstock.testing import a_node, a_project, fill, rows
from tests.web.browser import a_browser

FEW = "/projects/DEMO/recipes/few"


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
    own = browser.post(page, {**opened, "first": "3"}, status=409)
    assert "You saved this recipe yourself in another tab" in own.text
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


def _few(node: Node, **values: object) -> None:
    """A recipe `few` that writes `less` from `raw`."""
    a_project(node, {"datasets/less": {"type": "managed"}})
    top = {"type": "top", "input": "raw", "output": "less", "first": 1, "order": ["n"]}
    a_project(node, {"recipes/few": values or top})


def test_the_first_rows_are_shown_before_anything_runs(tmp_path: Path) -> None:
    node = _node(tmp_path)
    _few(node)
    browser = a_browser(node)
    assert f"{FEW}/preview" in browser.get(f"{FEW}/preview").html
    seen = browser.post(f"{FEW}/preview")
    assert "1 row of the first" in seen.text
    assert node.runs.jobs("DEMO") == []


def test_settings_in_the_form_are_previewed_and_not_saved(tmp_path: Path) -> None:
    node = _node(tmp_path)
    _few(node)
    browser = a_browser(node)
    values = browser.get(FEW).form_values("recipe-form")
    assert "2 rows of the first" in browser.post(f"{FEW}/preview", {**values, "first": "2"}).text
    assert projects.show(node, "DEMO").recipe("few").to_mapping()["first"] == 1


def test_what_stands_in_the_way_of_a_preview_is_said_in_it(tmp_path: Path) -> None:
    node = _node(tmp_path)
    _few(node)
    browser = a_browser(node)
    values = browser.get(FEW).form_values("recipe-form")
    assert "nn" in browser.post(f"{FEW}/preview", {**values, "order.0.column": "nn"}).text


def test_changed_columns_of_an_output_are_shown_and_accepted(tmp_path: Path) -> None:
    node = _node(tmp_path)
    a_project(node, {"datasets/less": {"type": "managed", "columns": [{"name": "old", "type": "string"}]}})
    settings = {"type": "top", "input": "raw", "output": "less", "first": 1, "order": ["n"]}
    a_project(node, {"recipes/few": settings})
    browser = a_browser(node)
    assert "column 'old' was removed" in browser.post(f"{FEW}/preview").text
    browser.post(f"{FEW}/columns")
    assert [c.name for c in projects.show(node, "DEMO").dataset("less").columns] == ["n"]
    assert "was removed" not in browser.post(f"{FEW}/preview").text


def test_a_program_has_no_preview_and_its_page_says_why(tmp_path: Path) -> None:
    node = _node(tmp_path)
    _few(node, type="python", inputs=["raw"], outputs=["less"], body="print(1)")
    assert "known only when it runs" in a_browser(node).get(f"{FEW}/preview").text


def test_a_new_program_begins_with_code_that_reads_its_inputs_and_writes_its_outputs(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    page = browser.get("/projects/DEMO/recipes/new?type=python&inputs=raw")
    body = page.form_values(1)["body"]
    assert 'raw = Dataset("raw").dataframe()' in body
    assert 'Dataset("raw_made").write(raw)' in body
    sql = browser.get("/projects/DEMO/recipes/new?type=sql&inputs=raw").form_values(1)["body"]
    assert "FROM raw" in sql


def test_code_that_is_no_python_is_refused_with_its_line_and_kept(tmp_path: Path) -> None:
    node = _node(tmp_path)
    _few(node, type="python", inputs=["raw"], outputs=["less"], body="print(1)")
    browser = a_browser(node)
    values = browser.get(FEW).form_values("recipe-form")
    refused = browser.post(FEW, {**values, "body": "x = 1\nif x\n"}, status=422)
    assert "Line 2" in refused.text
    assert "if x" in str(refused.form_values("recipe-form")["body"])


def test_a_query_that_cannot_run_is_saved_with_a_warning(tmp_path: Path) -> None:
    node = _node(tmp_path)
    _few(node, type="sql", inputs=["raw"], output="less", body="SELECT n FROM raw")
    browser = a_browser(node)
    values = browser.get(FEW).form_values("recipe-form")
    browser.post(FEW, {**values, "body": "SELECT nope FROM raw"})
    assert "nope" in browser.get(FEW).text
    seen = browser.post(f"{FEW}/preview", {**values, "body": "SELECT n * 10 AS tens FROM raw"})
    assert "tens" in seen.text


def test_a_copy_has_all_settings_and_writes_outputs_of_its_own(tmp_path: Path) -> None:
    node = _node(tmp_path)
    _few(node)
    copied = a_browser(node).post(f"{FEW}/copy").location
    assert copied == "/projects/DEMO/recipes/few_copy"
    made = projects.show(node, "DEMO").recipe("few_copy").to_mapping()
    assert (made["first"], made["output"]) == (1, "less_copy")


def test_a_formula_is_judged_while_it_is_typed(tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    assert "<mark>,</mark>" in browser.get("/forms/formula?steps.0.formula=if(a+%3E+,+1)").html
    assert "Character" not in browser.get("/forms/formula?x=a+%3E+1").text
    assert "<b>" not in browser.get("/forms/formula?x=%3Cb%3E+%2B").html


def test_whoever_only_reads_may_preview_and_accepts_nothing(tmp_path: Path) -> None:
    node = _node(tmp_path)
    _few(node)
    reader = a_browser(node, rights=("read",))
    assert "1 row of the first" in reader.post(f"{FEW}/preview").text
    reader.post(f"{FEW}/columns", status=403)
    reader.post(f"{FEW}/copy", status=403)
