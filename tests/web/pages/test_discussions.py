"""Pages of discussions."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import discussions
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser

HERE = "/projects/DEMO/discussions"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    return node


@pytest.mark.requirement("D94")
def test_somebody_who_reads_begins_one_and_the_other_sees_that_he_is_meant(node: Node) -> None:
    ann, bob = (a_browser(node, login=login, rights=("read",)) for login in ("ann", "bob"))
    form = ann.get(f"{HERE}?object=dataset:raw").form_values("begin")
    begun = ann.post(HERE, {**form, "topic": "<b>Nulls</b>", "text": "@bob <script>x</script> *look*"})
    page = bob.get(begun.location)
    assert "&lt;b&gt;Nulls&lt;/b&gt;" in page.html
    assert "<script>x" not in page.html
    assert "/projects/DEMO/datasets/raw" in page.links
    assert begun.location in bob.get("/me/notices").links
    bob.post("/me/notices")
    assert discussions.unseen(node, "bob") == 0


def test_who_is_named_and_cannot_be_told_is_said_to_the_writer(node: Node) -> None:
    ann = a_browser(node, login="ann", rights=("read",))
    a_browser(node, login="bob", rights=("read",))
    form = ann.get(HERE).form_values("begin")
    begun = ann.post(HERE, {**form, "topic": "T", "text": "@bob @Ann @bbo, mail to x@y.org"})
    assert "Nobody is told of @bbo:" in ann.get(begun.location).text
    replied = ann.post(f"{begun.location}/replies", {"text": "@bob all is well"})
    assert "Nobody is told" not in ann.get(replied.location).text


def test_replies_are_added_changed_by_their_author_only_and_closed(node: Node) -> None:
    ann, bob = (a_browser(node, login=login, rights=("read",)) for login in ("ann", "bob"))
    begun = discussions.begin(node, "DEMO", "project:", "T", "first", author="ann")
    at, reply = f"{HERE}/{begun.id}", begun.replies[0].id
    bob.post(f"{at}/replies", {"text": "second"})
    form = ann.get(f"{at}?change={reply}").form_values("change")
    ann.post(f"{at}/replies/{reply}", {**form, "text": "better"})
    assert "What it said before" in bob.get(at).text
    assert "Not saved" in ann.post(f"{at}/replies/{reply}", {**form, "text": "worse"}, status=409).text
    bob.post(f"{at}/close")
    assert "Open again" in ann.get(at).text


def test_nothing_said_yet_and_what_leads_nowhere(node: Node) -> None:
    browser = a_browser(node)
    assert "Nobody said anything yet" in browser.get(HERE).text
    assert "Nobody named you yet" in browser.get("/me/notices").text
    browser.get(f"{HERE}/99", status=404)
    browser.get(f"{HERE}/x", status=404)
    browser.get(f"{HERE}?object=dataset:rwa", status=404)
