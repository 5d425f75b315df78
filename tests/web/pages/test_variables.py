"""The page of variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.runtime import variables
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser


def test_a_variable_is_set_for_the_project_or_for_this_node_only(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    browser = a_browser(node)
    browser.post("/projects/DEMO/variables", {"name": "limit", "value": "3", "level": "project"})
    browser.post("/projects/DEMO/variables", {"name": "host", "value": "<b>x</b>", "level": "local"})
    found = {v.name: (v.value, v.level) for v in variables.levels(node, "DEMO")}
    assert found["limit"] == (3, "project")
    assert found["host"] == ("<b>x</b>", "local")
    assert "<b>x</b>" not in browser.get("/projects/DEMO/variables").html


def test_a_variable_is_removed_where_it_stands(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    variables.assign(node, "DEMO", {"a": 1}, author="ann")
    a_browser(node).post("/projects/DEMO/variables/a/remove", {"level": "project"})
    assert "a" not in {v.name for v in variables.levels(node, "DEMO")}


def test_somebody_who_only_reads_sees_values_and_sets_none(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    variables.assign(node, "DEMO", {"a": "one"}, author="ann")
    reader = a_browser(node, rights=("read",))
    assert "one" in reader.get("/projects/DEMO/variables").text
    reader.post("/projects/DEMO/variables", {"name": "a", "value": "two"}, status=403)


@pytest.mark.parametrize("name", ["projectKey", "no name"])
def test_a_name_that_cannot_be_is_told_at_its_field_and_what_was_typed_stays(
    tmp_path: Path, name: str
) -> None:
    node = a_node(tmp_path)
    a_project(node)
    refused = a_browser(node).post(
        "/projects/DEMO/variables", {"name": name, "value": "<b>x", "level": "local"}, status=422
    )
    assert 'class="wrong"' in refused.html
    values = next(v for i in range(9) if (v := refused.form_values(i)).get("value") == "<b>x")
    assert (values["name"], values["level"]) == (name, "local")
