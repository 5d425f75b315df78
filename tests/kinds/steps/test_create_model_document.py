"""The step that describes a model into a folder."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.runtime import folders, scenarios
from penstock.testing import KEY, a_project
from tests.web.pages.modelled import a_bank

STEP = {"type": "create_model_document", "name": "Describe", "model": "fare", "folder": "reports"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_bank(tmp_path)
    a_project(node, {"folders/reports": {}})
    return node


def _template(node: Node, tmp_path: Path, *lines: str) -> None:
    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    made.save(str(tmp_path / "own.docx"))
    folders.put(node, KEY, "reports", [tmp_path / "own.docx"], under="templates")


def test_the_document_lies_in_the_folder_afterwards(node: Node, tmp_path: Path) -> None:
    _template(node, tmp_path, "It predicts {{design.target.name}} for {{config.author.name}}.")
    step = {**STEP, "template": "templates/own.docx", "file": "${month}/fare.docx"}
    scenarios.save(
        node,
        KEY,
        "describe",
        {"steps": [{"type": "define_variables", "values": {"month": "may"}}, step]},
        author="ann",
    )
    run = scenarios.run_and_wait(node, KEY, "describe", by="ann")
    assert run.outcome is Outcome.SUCCESS
    with folders.open_file(node, KEY, "reports", "may/fare.docx") as file:
        (line,) = docx.Document(io.BytesIO(file.read())).paragraphs
    assert line.text == "It predicts fare for ann."


def test_a_template_that_asks_in_vain_warns(node: Node, tmp_path: Path) -> None:
    _template(node, tmp_path, "{{design.tarket.name}}")
    scenarios.save(
        node, KEY, "describe", {"steps": [{**STEP, "template": "templates/own.docx"}]}, author="ann"
    )
    assert scenarios.run_and_wait(node, KEY, "describe", by="ann").outcome is Outcome.WARNING
