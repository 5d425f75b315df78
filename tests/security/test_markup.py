"""Markup in every field of every form, in rows, names of columns and classes: it runs nowhere. See markup.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.web import routes
from tests.security.markup import AS_WORDS, MARKUP, Page, is_last, may_run, typed, words_of


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_markup_typed_into_any_field_of_any_form_runs_on_no_page(tmp_path: Path) -> None:
    typist = typed(tmp_path)
    before = typist.type_all(last=True)
    after = {url for url, _ in typist.pages()}
    assert not typist.found, "\n".join(typist.found)
    assert not typist.failed, "\n".join(typist.failed)
    posts = {route for route in routes.every() if route.method == "POST"}
    assert posts <= typist.reached
    assert len(typist.sent) > 1000
    assert len(before) > 400
    assert len(after) > 200
    assert len(typist.shown) > 100, "hardly anything that was typed is shown anywhere"


@pytest.mark.parametrize("html", [
    "<p onclick=x>", "<script>x</script>", "<a href=' javascript:x'>", "<form action=JavaScript:x>",
    "<iframe src='data:text/html,x'>", f'<input value="{MARKUP}">', f"<td title='{MARKUP}'>",
])  # fmt: skip
def test_the_look_for_what_runs_finds_it(html: str) -> None:
    assert Page(html).runs
    assert may_run(html)


def test_markup_written_as_words_needs_no_look_for_what_runs() -> None:
    assert not may_run(f'<script src="/static/a.js"></script><p title="{AS_WORDS}">{AS_WORDS}</p>')


def test_a_page_tells_its_forms_and_what_is_typed_into_them() -> None:
    html = """<form method=post action=/a><input name=x value=1><input type=hidden name=form_token value=t>
      <select name=s><option value=p><option value=q selected></select><textarea name=t></textarea>
      <input type=checkbox name=c></form><button hx-post=/b hx-vals='{"k": 1}'></button><a href="/c?d=1#e"></a>"""
    page = Page(html, "/here")
    assert [(f.action, f.method, f.typed) for f in page.forms] == [
        ("/a", "POST", ["x", "s", "t"]), ("/b", "POST", ["k"]),
    ]  # fmt: skip
    assert page.forms[0].values == {"x": "1", "s": "q", "t": ""}
    assert page.asked == ["/c?d=1"]


def test_every_word_that_a_page_reads_is_known() -> None:
    named = {route.path: words_of(route) for route in routes.every()}
    assert {"key", "title"} <= {*named["/projects/new"]}
    assert is_last("/projects/DEMO/delete")
    assert not is_last("/projects/DEMO/settings")
