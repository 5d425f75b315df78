"""The page that makes documents of the Flow."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from penstock.testing import a_node, a_project
from tests.web.browser import a_browser

HERE = "/projects/DEMO/flow/document"


@pytest.mark.requirement("D87")
def test_a_document_is_made_and_fetched_and_a_template_is_filled(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    browser = a_browser(node, rights=("read",))
    page = browser.get(browser.post(HERE, {"form": "docx"}).location)
    [link] = [link for link in page.links if "/flow/documents/" in link]
    assert browser.client.get(link).content[:2] == b"PK"
    template = docx.Document()
    template.add_paragraph("{{project.key}} {{project.nothing}}")
    held = io.BytesIO()
    template.save(held)
    own = browser.post(HERE, {"own": "yes"}, files={"template": ("own.docx", held.getvalue())})
    assert "could not be said" in browser.get(own.location).text
    assert "Choose the .docx" in browser.post(HERE, {"own": "yes"}, status=422).text
