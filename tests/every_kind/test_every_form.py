"""Every kind's form: it is drawn, and posting the form of its example gives the example back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from starlette.datastructures import FormData
from starlette.requests import Request

from penstock.core import registry
from penstock.core.access import NOBODY
from penstock.core.kind import Kind, documentation
from penstock.core.node import Node
from penstock.runtime import projects
from penstock.testing import a_node
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.look import Look
from tests.web.browser import Answer

WITH_FORMS = [(f, n) for f in registry.FAMILIES if f != "functions" for n in registry.names(f)]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    return a_node(tmp_path_factory.mktemp("forms"))


@pytest.fixture(scope="module")
def look() -> Look:
    return Look()


def an_ask(node: Node, look: Look, project: str = "") -> Ask:
    request = Request({
        "type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"",
        "path_params": {"project": project} if project else {},
    })  # fmt: skip
    return Ask(request=request, node=node, me=NOBODY, look=look)


def example(family: str, name: str) -> Any:
    text = documentation(registry.kind(family, name))[1]
    return registry.parse(family, YAML(typ="safe").load(text))


def posted(html: str) -> FormData:
    """What a browser would send of a form."""
    values = Answer(200, f"<form>{html}</form>", {}, b"").form_values()
    return FormData(
        [(k, v) for k, held in values.items() for v in ([held] if isinstance(held, str) else held)]
    )


@pytest.mark.parametrize(("family", "name"), WITH_FORMS)
def test_posting_the_form_of_an_example_gives_the_example_back(
    family: str, name: str, node: Node, look: Look
) -> None:
    shown = example(family, name)
    html = forms.draw(an_ask(node, look), shown)
    values = forms.read(type(shown), posted(html))
    assert registry.parse(family, values) == shown


@pytest.mark.parametrize(("family", "name"), WITH_FORMS)
def test_a_form_with_a_choice_of_type_keeps_the_type(family: str, name: str, node: Node, look: Look) -> None:
    shown = example(family, name)
    html = forms.draw_kind(an_ask(node, look), family, forms.values_of(shown), prefix="part.0")
    assert registry.parse(family, forms.read_kind(family, posted(html), "part.0")) == shown


@pytest.mark.parametrize(("family", "name"), WITH_FORMS)
def test_an_empty_form_is_drawn_with_every_setting_and_its_help(
    family: str, name: str, node: Node, look: Look
) -> None:
    cls = registry.kind(family, name)
    html = forms.draw(an_ask(node, look), cls)
    for field, info in cls.model_fields.items():
        assert f'name="{info.alias or field}' in html, field


ROOT = Path(__file__).parent.parent.parent
SORTS = ("datasets", "folders", "models", "evaluation_stores", "recipes", "scenarios", "dashboards")


@pytest.mark.parametrize("example_project", ["flights", "fraud"])
def test_every_object_of_the_examples_survives_its_form(example_project: str, node: Node, look: Look) -> None:
    project = projects.add(node, ROOT / "examples" / example_project, author="ann")
    ask = an_ask(node, look, project.key)
    found = [project.settings, project.zones, *(o for s in SORTS for o in getattr(project, s, {}).values())]
    assert len(found) > 10
    for shown in found:
        values = forms.read(type(shown), posted(forms.draw(ask, shown)))
        made = registry.parse(type(shown).FAMILY, values) if isinstance(shown, Kind) else None
        assert (made or registry.validate(type(shown), values)) == shown
