"""The page of Prepare: steps beside their rows, errors at their step, new steps drawn, saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import projects
from penstock.testing import a_node, a_project, fill
from tests.web.browser import a_browser

PAGE = "/projects/DEMO/recipes/clean"
STEPS = [{"type": "rename", "columns": {"n": "number"}}, {"type": "round", "columns": ["number"]}]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, {"datasets/raw": {"type": "managed"}, "datasets/clean_rows": {"type": "managed"}})
    fill(made, "raw", n=[1.4, 2.6], text=["<b>x</b>", "y"])
    recipe = {"type": "prepare", "input": "raw", "output": "clean_rows", "steps": STEPS}
    a_project(made, {"recipes/clean": recipe})
    return made


def test_the_page_shows_each_step_with_its_form(node: Node) -> None:
    page = a_browser(node).get(PAGE)
    assert "Rename columns: n → number" in page.text
    assert page.form_values("recipe-form")["steps.0.type"] == "rename"


def test_rows_are_computed_from_what_is_in_the_form_without_saving_it(node: Node) -> None:
    browser = a_browser(node)
    values = browser.get(PAGE).form_values("recipe-form")
    seen = browser.post(f"{PAGE}/steps/rows", {**values, "steps.1.decimals": "1"})
    assert "number" in seen.text
    assert "1.4" in seen.text
    assert "<b>x</b>" not in seen.html
    assert "2.0" not in seen.text
    assert "decimals" not in projects.show(node, "DEMO").recipe("clean").to_mapping()["steps"][1]


def test_the_rows_after_an_earlier_step_are_shown_when_asked_for(node: Node) -> None:
    browser = a_browser(node)
    values = browser.get(PAGE).form_values("recipe-form")
    assert "The input" in browser.post(f"{PAGE}/steps/rows", {**values, "after": "0"}).text
    assert "After step 1" in browser.post(f"{PAGE}/steps/rows", {**values, "after": "1"}).text


def test_a_step_that_cannot_be_done_is_named_with_the_rows_before_it(node: Node) -> None:
    browser = a_browser(node)
    values = browser.get(PAGE).form_values("recipe-form")
    wrong = {
        **values,
        "steps.2.type": "delete_columns",
        "steps.2.columns.?": "0",
        "steps.2.columns": "nunber",
    }
    answer = browser.post(f"{PAGE}/steps/rows", wrong)
    assert "After step 2" in answer.text
    assert "nunber" in answer.html


def test_a_proposed_step_is_drawn_filled_in_at_its_place(node: Node) -> None:
    values = json.dumps({"type": "fill_empty", "columns": ["text"]})
    body = {"values": values, "index": "2", "columns": "text"}
    drawn = a_browser(node).post(f"{PAGE}/steps/new", body)
    assert 'name="steps.2.type" value="fill_empty"' in drawn.html
    assert 'value="text"' in drawn.html


def test_a_step_is_drawn_again_from_the_form(node: Node) -> None:
    browser = a_browser(node)
    values = browser.get(PAGE).form_values("recipe-form")
    drawn = browser.post(f"{PAGE}/steps/new", {**values, "from": "0", "index": "2"})
    assert 'name="steps.2.columns.0.key" value="n"' in drawn.html


def test_steps_are_saved_and_a_wrong_one_is_told_at_its_field(node: Node) -> None:
    browser = a_browser(node)
    values = browser.get(PAGE).form_values("recipe-form")
    browser.post(PAGE, {**values, "steps.0.disabled": "yes"})
    assert projects.show(node, "DEMO").recipe("clean").to_mapping()["steps"][0]["disabled"] is True
    values = browser.get(PAGE).form_values("recipe-form")
    refused = browser.post(PAGE, {**values, "steps.1.decimals": "999"}, status=422)
    assert 'id="f-steps.1.decimals"' in refused.html
    assert "at most 15" in refused.text


def test_a_new_prepare_begins_without_steps(node: Node) -> None:
    browser = a_browser(node)
    page = browser.get("/projects/DEMO/recipes/new?type=prepare&inputs=raw")
    browser.post("/projects/DEMO/recipes/new", page.form_values(1))
    assert "No steps yet" in browser.get("/projects/DEMO/recipes/prepare_raw").text


def test_whoever_only_reads_sees_the_rows_and_no_way_to_change_steps(node: Node) -> None:
    reader = a_browser(node, rights=("read",))
    page = reader.get(PAGE)
    assert "Add a step" not in page.text
    seen = reader.post(f"{PAGE}/steps/rows", page.form_values("recipe-form"))
    assert "number" in seen.text
    assert "data-propose" not in seen.html
