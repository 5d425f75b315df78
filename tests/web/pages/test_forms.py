"""The fields that follow the choice of a type."""

from __future__ import annotations

import re
from pathlib import Path

from penstock.runtime import connections
from penstock.testing import a_node, a_project
from tests.web.browser import Browser, a_browser


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


def test_items_of_a_step_are_picked_from_objects_and_zones_and_channels_from_those_there(
    tmp_path: Path,
) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}, "zones": {"zones": {"late": {"items": ["raw"]}}}})
    browser = a_browser(node)
    step = browser.fragment("/projects/DEMO/forms/steps?type=build").html
    offered = set(re.findall(r'<option value="([^"]+)"', step[step.index("<datalist") :]))
    assert {"raw", "zone:late", "*"} <= offered
    assert '<select class="form-select" id="f-channel"' not in _mail(browser)
    connections.define(node, "office", {"type": "smtp", "host": "mail.test"})
    assert '<option value="office">' in _mail(browser).split('id="f-channel"')[1].split("</select>")[0]


def _mail(browser: Browser) -> str:
    return browser.fragment("/projects/DEMO/forms/reporters?type=mail").html
