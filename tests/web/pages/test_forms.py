"""The fields that follow the choice of a type."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.datastructures import FormData

from penstock.core import registry
from penstock.runtime import connections
from penstock.testing import a_node, a_project
from penstock.web import forms
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
    picker = step.split('id="f-items.0"')[1].split("</select>")[0]
    assert {"raw", "zone:late", "*"} <= set(re.findall(r'<option value="([^"]+)"', picker))
    assert "There is no channel of type smtp here yet" in _mail(browser)
    assert '<select class="form-select" id="f-channel"' not in _mail(browser)
    connections.define(node, "office", {"type": "smtp", "host": "mail.test"})
    assert '<option value="office">' in _mail(browser).split('id="f-channel"')[1].split("</select>")[0]


def test_a_mode_is_chosen_by_what_people_call_it_and_addresses_are_one_line(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    step = a_browser(node).fragment("/projects/DEMO/forms/steps?type=build").html
    modes = step.split('id="f-mode"')[1].split("</select>")[0]
    assert '<option value="only">Build only this (non-recursively)</option>' in modes
    assert '<option value="recursive"' not in modes
    mail = _mail(a_browser(node))
    assert '<input class="form-control" id="f-to" name="to"' in mail
    assert mail.index("More settings") < mail.index('id="f-bcc"')


def test_people_of_a_mail_are_read_back_as_they_were_given() -> None:
    mail = registry.kind("reporters", "mail")
    for text, given in (
        ("a@x.org, b@x.org", "a@x.org, b@x.org"),
        ('{"a@x.org": {"n": 1}}', {"a@x.org": {"n": 1}}),
    ):
        assert forms.read(mail, FormData({"to": text}))["to"] == given


def _mail(browser: Browser) -> str:
    return browser.fragment("/projects/DEMO/forms/reporters?type=mail").html
