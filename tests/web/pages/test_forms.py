"""The fields that follow the choice of a type."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import FormData
from starlette.requests import Request

from penstock.core import registry
from penstock.core.access import NOBODY
from penstock.core.kind import Kind
from penstock.core.node import Node
from penstock.runtime import connections
from penstock.testing import a_node, a_project
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.look import Look
from tests.web.browser import Answer, Browser, a_browser


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


@pytest.mark.parametrize(
    "given",
    [
        "a@x.org, b@x.org",
        '{"${who}": {"n": "${n}"}}',
        '["a@x.org"]',
        ["a@x.org"],
        ["a@x.org", '"Doe, Ann" <ann@x.org>'],
        ["${team}", "b@x.org; c@x.org"],
        ["a@x.org, b@x.org", "c@x.org"],
        ['{"a@x.org": {"n": 1}}', "b@x.org"],
        {"a@x.org": {"name": "Ann"}, "b@x.org": {}},
    ],
)
def test_people_of_a_mail_come_back_from_its_form_whole(tmp_path: Path, given: Any) -> None:
    mail = {"type": "mail", "to": given, "cc": given, "format": "html", "body": "Hello"}
    shown = registry.parse("reporters", mail)
    assert registry.parse("reporters", _sent_back(a_node(tmp_path), shown)) == shown


def test_addresses_typed_into_the_line_of_a_list_join_the_list() -> None:
    mail = registry.kind("reporters", "mail")
    typed = FormData({"to.as": "list", "to": 'a@x.org, "Doe, Ann" <ann@x.org>', "cc.as": "list", "cc": ""})
    assert forms.read(mail, typed) == {"type": "mail", "to": ["a@x.org", '"Doe, Ann" <ann@x.org>']}


def test_a_metric_without_its_object_waits_for_the_object(tmp_path: Path) -> None:
    tile = registry.kind("tiles", "metric")
    page = forms.draw(_ask(a_node(tmp_path)), tile, {"metric": "Data Drift"})
    assert "Choose the object first" in page
    assert forms.read(tile, _posted(page))["metric"] == "Data Drift"


def _sent_back(node: Node, shown: Kind) -> dict[str, Any]:
    return forms.read(type(shown), _posted(forms.draw(_ask(node), shown)))


def _ask(node: Node) -> Ask:
    about = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [],
        "query_string": b"",
        "path_params": {},
    }
    return Ask(request=Request(about), node=node, me=NOBODY, look=Look())


def _posted(html: str) -> FormData:
    return FormData(Answer(200, f"<form>{html}</form>", {}, b"").form_values())


def _mail(browser: Browser) -> str:
    return browser.fragment("/projects/DEMO/forms/reporters?type=mail").html
