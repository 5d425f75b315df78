"""The page that makes the document of a version."""

from __future__ import annotations

import io
import json
from pathlib import Path

import docx
import pytest

from penstock.core.node import Node
from penstock.testing import KEY
from tests.web.browser import a_browser
from tests.web.pages.modelled import a_bank


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_bank(tmp_path)


@pytest.fixture
def base(node: Node) -> str:
    return f"/projects/{KEY}/models/fare/versions/{node.models.active(KEY, 'fare')}"


def _template(*lines: str) -> bytes:
    made, out = docx.Document(), io.BytesIO()
    for line in lines:
        made.add_paragraph(line)
    made.save(out)
    return out.getvalue()


def test_a_template_is_filled_its_flaws_are_shown_and_the_file_is_fetched(node: Node, base: str) -> None:
    browser = a_browser(node)
    assert "{{design.target.name}}" in browser.get(f"{base}/document").text
    sent = {"template": ("own.docx", _template("{{design.target.name}} {{design.tarket.name}}"))}
    answer = browser.post(f"{base}/document", {"own": "yes"}, files=sent)
    made = browser.get(answer.location)
    assert "{{design.tarket.name}} is unknown and was removed." in made.text
    (link,) = [link for link in made.links if "/documents/" in link]
    (line,) = docx.Document(io.BytesIO(browser.get(link).content)).paragraphs
    assert line.text == "fare "


def test_without_a_file_there_is_nothing_to_fill(node: Node, base: str) -> None:
    answer = a_browser(node).post(f"{base}/document", {"own": "yes"}, status=422)
    assert "No file came with it." in answer.text


def test_the_card_is_a_file(node: Node, base: str) -> None:
    assert json.loads(a_browser(node).get(f"{base}/card?form=json").content)["model"]["name"] == "fare"
