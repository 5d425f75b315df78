"""Pages of lineage: the way of a column, what people tell, descriptions that are taken over."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from penstock.core.node import Node
from penstock.runtime import lineage
from penstock.testing import a_node, a_project, fill
from tests.web.browser import a_browser

HERE = "/projects/DEMO/datasets/made/lineage"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, {
        "datasets/raw": {
            "type": "managed", "columns": [{"name": "a & b", "type": "bigint", "description": "<b>Both</b>"}],
        },
        "datasets/made": {"type": "managed"}, "datasets/copy": {"type": "managed"},
        "recipes/code": {"type": "python", "inputs": ["raw"], "outputs": ["made"], "body": "pass"},
        "recipes/copy": {"type": "sync", "input": "raw", "output": "copy"},
    })  # fmt: skip
    fill(node, "raw", pa.table({"a & b": [1]}))
    fill(node, "made", pa.table({"a & b": [1], "total": [1]}))
    fill(node, "copy", pa.table({"a & b": [1]}))
    return node


@pytest.mark.requirement("D95")
def test_the_way_of_a_column_is_shown_and_a_guess_is_marked(node: Node) -> None:
    page = a_browser(node, rights=("read",)).get(HERE)
    assert "same name" in page.text
    assert "/projects/DEMO/datasets/raw/lineage?column=a%20%26%20b" in page.links
    assert "What you know of it" not in page.text


def test_what_was_found_is_ticked_so_that_a_person_begins_with_it(node: Node) -> None:
    browser = a_browser(node)
    assert browser.get(f"{HERE}?column=a+%26+b").form_values("tell")["origins"] == "raw\ta & b"
    assert "origins" not in browser.get(f"{HERE}?column=total").form_values("tell")


@pytest.mark.requirement("D95")
def test_what_a_person_tells_is_kept_and_forgotten(node: Node) -> None:
    browser = a_browser(node)
    form = browser.get(f"{HERE}?column=total").form_values("tell")
    browser.post(HERE, {**form, "origins": ["raw\ta & b"]})
    assert "told by a person" in browser.get(f"{HERE}?column=total").text
    assert browser.post(HERE, {**form, "origins": []}, status=409)
    again = browser.get(f"{HERE}?column=total").form_values("tell")
    browser.post(HERE, {**again, "what": "forget"})
    assert lineage.of_column(node, "DEMO", "made", "total").upstream == []
    browser.post(f"{HERE}/guessing", {"guess": "no"})
    assert "Find the rest" in browser.get(HERE).text


@pytest.mark.requirement("D90")
def test_descriptions_are_taken_over_and_shown_as_text(node: Node) -> None:
    browser = a_browser(node)
    page = browser.get("/projects/DEMO/descriptions")
    assert "&lt;b&gt;Both&lt;/b&gt;" in page.html
    browser.post(
        "/projects/DEMO/descriptions", {**page.form_values("descriptions"), "columns": ["copy\ta & b"]}
    )
    assert "Nothing to take over" in browser.get("/projects/DEMO/descriptions").text


def test_a_dataset_without_columns_says_what_to_do(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    assert "No columns yet" in a_browser(node).get("/projects/DEMO/datasets/raw/lineage").text
