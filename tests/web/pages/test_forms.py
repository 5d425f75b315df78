"""The fields that follow the choice of a type."""

from __future__ import annotations

from pathlib import Path

from penstock.testing import a_node, a_project
from tests.web.browser import a_browser


def test_choosing_a_type_brings_its_fields_with_the_objects_of_the_project(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    url = "/projects/DEMO/forms/recipes?path=recipe&recipe.type=sync"
    page = a_browser(node, rights=("read",)).fragment(url)
    assert page.has('name="recipe.input"', '<option value="raw">', 'name="recipe.type"')


def test_a_type_there_is_not_is_told_at_the_choice(tmp_path: Path) -> None:
    page = a_browser(a_node(tmp_path)).fragment("/forms/connections?path=c&c.type=smpt")
    assert "Did you mean smtp?" in page.text


def test_a_family_there_is_not_is_not_found(tmp_path: Path) -> None:
    a_browser(a_node(tmp_path)).fragment("/forms/nonsense", status=404)
