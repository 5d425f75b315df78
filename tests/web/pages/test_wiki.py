"""Pages of the wiki."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import project_wiki, projects, wiki
from penstock.testing import a_node, a_project
from tests.web.browser import Browser, a_browser

HOME = "/projects/DEMO/wiki"


def _node(folder: Path) -> tuple[Node, Browser]:
    node = a_node(folder)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    return node, a_browser(node)


def _write(browser: Browser, name: str, text: str) -> None:
    page = browser.get(f"{HOME}/{name}/edit")
    browser.post(f"{HOME}/{name}/edit", {**page.form_values("article"), "text": text})


@pytest.mark.requirement("D75")
def test_an_empty_wiki_says_how_to_begin_and_the_first_article_opens_first(tmp_path: Path) -> None:
    _, browser = _node(tmp_path)
    assert "Nothing is written yet" in browser.get(HOME).text
    assert browser.post(f"{HOME}/new", {"title": "Start: here?"}).location == f"{HOME}/start-here/edit"
    browser.post(f"{HOME}/new", {"title": "Below", "parent": "start-here"})
    assert "Start: here?" in browser.get(HOME).text
    assert f"{HOME}/below" in browser.get(HOME).links


@pytest.mark.requirement("D76")
def test_links_lead_to_objects_and_dead_ones_are_visibly_broken(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    wiki.create(node, "DEMO", "One", author="ann")
    _write(browser, "one", "[rows](dataset:DEMO.raw) (also)[dataset:raw] [[One]] [gone](dataset:nothing)")
    page = browser.get(f"{HOME}/one")
    assert page.links.count("/projects/DEMO/datasets/raw") == 2
    assert "there is no dataset nothing" in page.text
    assert "Leads nowhere: dataset:nothing" in page.text


@pytest.mark.requirement("D78")
def test_no_script_of_an_article_runs(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    wiki.create(node, "DEMO", "One", author="ann")
    _write(
        browser,
        "one",
        "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))\n\n|a|\n|-|\n|1|",
    )
    html = browser.get(f"{HOME}/one").html
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
    assert "<table>" in html


def test_the_preview_shows_a_text_before_it_is_saved(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    answer = browser.post(f"{HOME}/preview", {"text": "# Big\n[rows](dataset:raw)"})
    assert "<h1" in answer.html
    assert "/projects/DEMO/datasets/raw" in answer.html
    assert not wiki.tree(node, "DEMO").tree


@pytest.mark.requirement("D80")
def test_each_save_is_in_the_history_and_a_slower_one_loses_nothing(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    wiki.create(node, "DEMO", "One", author="ann")
    opened = browser.get(f"{HOME}/one/edit").form_values("article")
    _write(browser, "one", "first")
    assert (
        "You saved this article yourself in another tab"
        in browser.post(f"{HOME}/one/edit", {**opened, "text": "second"}, status=409).text
    )
    assert wiki.show(node, "DEMO", "one").text == "first"
    created, written = projects.history(node, "DEMO", "wiki/one.md")[::-1]
    projects.revert(node, "DEMO", created.id, author="ann", file="wiki/one.md")
    assert wiki.show(node, "DEMO", "one").text != "first"
    assert written.message.startswith("Write article")


def test_articles_are_moved_made_home_and_deleted(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    for title in ("One", "Two", "Three"):
        wiki.create(node, "DEMO", title, author="ann")
    browser.post(f"{HOME}/three/move", {"parent": "one"})
    browser.post(f"{HOME}/two/home")
    assert wiki.show(node, "DEMO").name == "two"
    browser.post(f"{HOME}/one/delete")
    assert [e.article for e in wiki.tree(node, "DEMO").tree] == ["three", "two"]
    browser.post(f"{HOME}/three/move", {"parent": "three"}, status=422)


@pytest.mark.requirement("D77")
def test_an_attachment_comes_back_as_it_was(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    wiki.create(node, "DEMO", "One", author="ann")
    content = bytes(range(256))
    browser.post(f"{HOME}/one/attach", files={"files": ("a.bin", content)})
    assert browser.client.get(f"{HOME}/one/attachments/a.bin").content == content
    assert "a.bin" in browser.get(f"{HOME}/one").text
    browser.post(f"{HOME}/one/attach", files={"files": ("../evil", b"x")}, status=422)
    browser.post(f"{HOME}/one/attachments/a.bin/delete")
    browser.get(f"{HOME}/one/attachments/a.bin", status=404)


@pytest.mark.requirement("D79")
@pytest.mark.parametrize("words", ["turbine", "drift", "inputDrift", "Input: Drift"])
def test_a_search_finds_words_of_text_and_title(words: str, tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    wiki.create(node, "DEMO", "Input: Drift", author="ann", text="About a turbine.")
    assert f"{HOME}/input-drift" in browser.get(f"{HOME}?q={words}").links


def test_whoever_only_reads_writes_nothing(tmp_path: Path) -> None:
    node, _ = _node(tmp_path)
    wiki.create(node, "DEMO", "One", author="ann")
    reader = a_browser(node, rights=("read",))
    assert "Edit" not in reader.get(f"{HOME}/one").text
    reader.post(f"{HOME}/one/edit", {"text": "mine"}, status=403)


@pytest.mark.requirement("D79")
def test_articles_are_found_from_everywhere(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    wiki.create(node, "DEMO", "On call", author="ann", text="# On call\n\nAsk the turbine people.")
    assert f"{HOME}/on-call" in browser.get("/search?q=turbine").links


@pytest.mark.requirement("D82")
def test_the_project_wiki_is_generated_told_stale_and_answered_by_clicking(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    assert "not written yet" in browser.get(f"{HOME}/state").text
    assert browser.post(f"{HOME}/generate").location == f"{HOME}/state"
    page = browser.get(f"{HOME}/state")
    assert "all of them true" in page.text
    asked = project_wiki.questions(node, "DEMO")[0]
    said = {"article": asked.article, "question": asked.name, "text": "Nightly."}
    browser.post(f"{HOME}/answer", said)
    browser.post(f"{HOME}/answer", said, status=409)
    files = {"flow/datasets/raw.yaml": "type: managed\ntitle: <b>New</b>\n"}
    node.projects.save("DEMO", dict(files), author="ann", message="x")
    shown = browser.get(f"{HOME}/data-source-raw")
    assert "This article is out of date" in shown.text
    assert "dataset:raw title" in " ".join(shown.text.split())
    assert f"{HOME}/data-source-raw" in browser.get(f"{HOME}/state").links
    assert browser.client.get(f"{HOME}/export?form=html").content.startswith(b"<!doctype html>")
    assert browser.post(f"{HOME}/plugins/duplicate").location == f"{HOME}/copy-of-plugins"


@pytest.mark.requirement("D76", "D83")
def test_what_is_no_longer_true_and_what_only_has_a_dead_link_are_told_apart(tmp_path: Path) -> None:
    node, browser = _node(tmp_path)
    project_wiki.generate(node, "DEMO", author="ann")
    wiki.create(node, "DEMO", "Notes", author="ann", text="[gone](dataset:nothing)")
    page = browser.get(f"{HOME}/state").text
    assert "all of them true" in page
    assert "No longer true" not in page
    assert "Links that lead nowhere" in page
    assert "dataset:nothing" in page
    node.projects.save(
        "DEMO", {"flow/datasets/raw.yaml": "type: managed\ntitle: New\n"}, author="ann", message="x"
    )
    page = browser.get(f"{HOME}/state").text
    told = page.partition("No longer true")[2].partition("Questions still open")[0]
    untrue, _, dead = told.partition("Links that lead nowhere")
    assert ("Data source: raw" in untrue, "Notes" in untrue) == (True, False)
    assert ("Data source: raw" in dead, "Notes" in dead) == (False, True)
