"""The frame: who comes in, what every answer carries, and what an error shows."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route as Address

from penstock.core.access import Permission
from penstock.core.errors import ColumnMissing
from penstock.core.node import Node
from penstock.runtime import sessions
from penstock.testing import a_node, a_project
from penstock.web import routes
from penstock.web.asking import Ask
from penstock.web.look import HERE
from penstock.web.routes import Route
from penstock.web.site import Desk, site
from tests.web.browser import Browser, TestClient, a_browser


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made)
    return made


def answering(node: Node, page: routes.Page, *, method: str = "GET") -> TestClient:
    """A site of one page."""
    route = Route(method=method, path="/here", permission=Permission.ANYBODY, page=page)
    return TestClient(Starlette(routes=[Address("/here", Desk(node).endpoint(route), methods=[method])]))


def test_whoever_is_not_signed_in_is_asked_to_log_in_and_comes_back(node: Node) -> None:
    answer = Browser(node).get("/projects/DEMO?tab=x", status=303)
    assert answer.location == "/login?next=%2Fprojects%2FDEMO%3Ftab%3Dx"


def test_a_piece_of_a_page_sends_the_whole_page_to_the_log_in(node: Node) -> None:
    assert Browser(node).fragment("/projects/switcher").location == "/login"


def test_a_project_one_may_not_know_of_is_not_there(node: Node) -> None:
    stranger = a_browser(node, rights=())
    page = stranger.get("/projects/DEMO", status=404)
    assert "There is no project 'DEMO'" in page.text


def test_somebody_without_the_right_is_told_which_and_who_gives_it(node: Node) -> None:
    reader = a_browser(node, rights=("read",))
    answer = reader.post("/projects/DEMO/to-dos", {"text": "x"}, status=403)
    assert "lacks the permission “write”" in answer.text


def test_a_form_without_our_token_changes_nothing(node: Node) -> None:
    browser = a_browser(node)
    answer = browser.post("/projects/DEMO/to-dos", {"text": "x", "form_token": "wrong"}, status=403)
    assert "not made for your session" in answer.text
    assert not node.projects.load("DEMO").settings.to_dos


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_page_of_another_site_changes_nothing(node: Node, headers: dict[str, str]) -> None:
    a_browser(node).post("/projects/DEMO/to-dos", {"text": "x"}, status=403, headers=headers)
    assert not node.projects.load("DEMO").settings.to_dos


def test_htmx_sends_the_token_in_a_header(node: Node) -> None:
    browser = a_browser(node)
    headers = {"X-Form-Token": sessions.form_token(browser.secret)}
    answer = browser.client.post("/projects/DEMO/to-dos", data={"text": "x"}, headers=headers)
    assert answer.status_code == 303


def test_one_of_our_errors_is_a_page_with_what_and_what_next(node: Node) -> None:
    def page(ask: Ask) -> Response:
        raise ColumnMissing("dep_dlay", dataset="flights", near=["dep_delay"])

    answer = answering(node, page).get("/here")
    assert answer.status_code == 404
    assert "Did you mean dep_delay?" in answer.text
    assert "Its columns stand on its Schema tab" in answer.text


def test_inside_a_page_an_error_is_a_message(node: Node) -> None:
    def page(ask: Ask) -> Response:
        raise ColumnMissing("<b>x</b>", dataset="flights")

    answer = answering(node, page).get("/here", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "<html" not in answer.text
    assert "&lt;b&gt;x&lt;/b&gt;" in answer.text


def test_an_error_nobody_foresaw_shows_a_number_that_stands_in_the_log(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    def page(ask: Ask) -> Response:
        raise ZeroDivisionError("secret detail")

    with caplog.at_level(logging.ERROR, logger="penstock.web"):
        answer = answering(node, page).get("/here")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    number = re.search(r"under ([0-9a-f]{8})", answer.text)
    assert number
    assert number[1] in caplog.text
    assert "secret detail" in caplog.text


def test_a_message_is_shown_on_the_next_page_and_then_no_more(node: Node) -> None:
    browser = a_browser(node)
    answer = browser.post("/projects/new", {"key": "NEW", "title": "New"})
    assert "Project NEW is there." in browser.follow(answer).text
    assert "Project NEW is there." not in browser.get(answer.location).text


def test_messages_in_a_forged_cookie_are_not_shown(node: Node) -> None:
    browser = a_browser(node)
    browser.client.cookies.set("penstock_flash", "WyJzdWNjZXNzIiwiaGkiXQ.forged")
    assert "hi" not in re.findall(r"toast-line", browser.get("/").html)


def test_every_answer_carries_a_strict_policy(node: Node) -> None:
    for url, status in (("/login", 200), ("/nothing", 404), ("/static/icon.svg", 200)):
        headers = Browser(node).get(url, status=status).headers
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_are_kept_by_no_cache_and_built_files_for_good(node: Node) -> None:
    browser = Browser(node)
    page = browser.get("/login")
    assert page.headers["cache-control"] == "no-store"
    script = re.search(r'src="(/static/built/frame-[^"]+)"', page.html)
    assert script
    assert "immutable" in browser.get(script[1]).headers["cache-control"]


def test_files_beside_the_static_ones_are_out_of_reach(node: Node) -> None:
    for path in (
        "/static/../site.py",
        "/static/%2e%2e/site.py",
        "/static/..%2fsite.py",
        "/static//etc/passwd",
    ):
        assert Browser(node).client.get(path).status_code == 404


def test_every_page_gets_the_parts_its_address_names() -> None:
    for route in routes.every():
        named = set(re.findall(r"\{(\w+)", route.path)) - {"project"}
        code = route.page.__code__
        wanted = set(code.co_varnames[1 : code.co_argcount])
        assert named == wanted, route.name


def test_words_of_an_address_go_before_names() -> None:
    paths = [route.path for route in routes.every()]
    assert paths.index("/projects/new") < paths.index("/projects/{project}")


def test_a_form_that_would_fill_the_memory_is_refused(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("penstock.web.site.MOST_BYTES", 1000)
    answer = Browser(node).post("/login", {"login": "x" * 2000}, status=413)
    assert "larger than what is taken" in answer.text


def test_files_of_strangers_are_not_even_read(node: Node) -> None:
    files = {"zip": ("x.zip", b"x" * 100, "application/zip")}
    assert Browser(node).post("/projects/import", files=files, status=303).location == "/login"
    assert "No file was sent" not in a_browser(node).post("/projects/import", files=files, status=422).text


def test_a_form_keeps_every_sign_people_type(node: Node) -> None:
    text = "a+b & c=d; ü 漢 %41 \U0001f600"
    a_browser(node).post("/projects/DEMO/to-dos", {"text": text})
    assert node.projects.load("DEMO").settings.to_dos[0].text == text


TEMPLATES = sorted((HERE / "templates").rglob("*.html"))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda f: str(f.relative_to(HERE)))
def test_a_template_holds_nothing_that_the_policy_forbids(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"\sstyle\s*=", text), "inline styles are blocked: use a class"
    assert not re.search(r"<[^>{]*\son[a-z]+\s*=", text), "inline handlers are blocked: use an island"
    assert "hx-on" not in text
    assert not re.search(r"\bhttps?://(?!www\.w3\.org)[^\s\"'{]+\.(js|css)", text), (
        "nothing comes from elsewhere"
    )
    for script in re.findall(r"<script([^>]*)>", text):
        assert "src=" in script or "application/json" in script, "scripts are files of ours"


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda f: str(f.relative_to(HERE)))
def test_every_form_that_posts_carries_the_token(file: Path) -> None:
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", file.read_text(), flags=re.S):
        is_public = 'action="/login"' in form or "/welcome/" in form
        assert is_public or "token_field" in form, form[:200]


def test_an_answer_is_compressed_quickly_for_nobody_else_is_answered_meanwhile(node: Node) -> None:
    levels = [m.kwargs["compresslevel"] for m in site(node).user_middleware if "compresslevel" in m.kwargs]
    assert levels
    assert max(levels) <= 5
    assert Browser(node).get("/login", **{"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
