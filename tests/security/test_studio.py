"""What somebody who means harm tries on every page of the studio: markup, forms of other sites, paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag

import pytest

from penstock.core.node import Node
from penstock.http import who
from penstock.runtime import sessions
from penstock.testing import KEY, a_node, a_project, build, fill
from penstock.web import routes
from penstock.web.routes import Route
from tests.web.browser import Answer, Browser, a_browser

pytestmark = pytest.mark.timeout(120)
MARKUP = "\"><img src=x onerror=alert(1)><script>alert(1)</script>'[a](javascript:alert(1))"
CANARY = "words that stand beside the home"
HOME_PROJECT = f"/projects/{KEY}"
TEXTS = ("text", "search", "email", "url", "")
ENDS = (
    "/delete",
    "/logout",
    "/disable",
    "/sessions/end",
    "/revoke",
    "/remove",
    "/theme",
    "/password",
    "/build",
    "/run",
)
"""What a walk leaves out: it would end the walk, or start something."""
PATHS = (
    "..%2F..%2F..%2F..%2Fcanary.txt",
    "%2E%2E",
    "..%5C..%5Ccanary.txt",
    "%2Fetc%2Fpasswd",
    "x%00y",
    "~root",
)
POSTS = [route for route in routes.every() if route.method == "POST"]
PAGES = [route for route in routes.every() if route.method == "GET" and "live" not in route.path.split("/")]
NAMED = [route for route in (*PAGES, *POSTS) if "{" in route.path]
MOST_PAGES = 150


@dataclass
class Form:
    """Where a form goes, and the names of its fields of text."""

    action: str
    number: int
    texts: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """What a browser would make of a page: forms, links, and whatever would run."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.runs: list[str] = []
        self.feed(answer.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        self.runs += [f"<{tag} {name}=…>" for name in about if name.startswith("on")]
        self.runs += [
            f"<{tag} {v}>" for v in about.values() if re.match(r"\s*javascript:", v, re.I) and tag != "input"
        ]
        if tag == "script" and "src" not in about and about.get("type") != "application/json":
            self.runs.append("<script>")
        if tag == "form":
            is_post = about.get("method", "").lower() == "post" or "hx-post" in about
            action = about.get("hx-post") or about.get("action", "")
            self.forms.append(Form(action if is_post else "-", len(self.forms)))
        if tag == "a":
            self.links.append(urldefrag(about.get("href", "")).url)
        is_text = tag == "textarea" or (tag == "input" and about.get("type", "") in TEXTS)
        if (
            self.forms
            and is_text
            and about.get("name")
            and "disabled" not in about
            and "readonly" not in about
        ):
            self.forms[-1].texts.append(about["name"])


@pytest.fixture
def node(tmp_path: Path) -> Node:
    (tmp_path / "canary.txt").write_text(CANARY)
    made = a_node(tmp_path)
    a_project(made, {
        "datasets/raw": {"type": "managed"}, "datasets/copied": {"type": "managed"}, "folders/box": {},
        "recipes/copy": {"type": "sync", "input": "raw", "output": "copied"},
    })  # fmt: skip
    files = {
        "scenarios/nightly.yaml": "steps:\n  - {type: define_variables, name: S, values: {x: 1}}\n",
        "dashboards/board.yaml": "pages:\n  - title: One\n    tiles: []\n",
        "wiki/One.md": "# One\n",
    }
    made.projects.save(KEY, files, author="ann", message="More")
    fill(made, "raw", n=[1, 2], text=[MARKUP, "x"])
    build(made, "copied")
    return made


def pages(browser: Browser) -> Iterator[tuple[str, Answer]]:
    """Every page that links lead to from the front page, one of each address."""
    waiting, seen = ["/", HOME_PROJECT, "/admin", "/me"], set[str]()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        shape = path.partition("?")[0]
        if (
            shape in seen
            or not path.startswith("/")
            or re.search(r"/catalogue/|/static/|/patterns|/export|/live", path)
        ):
            continue
        seen.add(shape)
        sent = browser.client.get(path)
        if sent.status_code == 200 and "text/html" in sent.headers["content-type"]:
            answer = Answer(sent.status_code, sent.text, dict(sent.headers), sent.content)
            yield path, answer
            waiting += Page(answer).links


def runs(answer: Answer) -> list[str]:
    return Page(answer).runs if "html" in answer.headers.get("content-type", "") else []


@pytest.mark.slow
def test_markup_typed_into_any_field_of_any_form_runs_on_no_page(node: Node) -> None:
    browser, typed, found = a_browser(node), set[tuple[str, str]](), list[str]()
    for path, page in list(pages(browser)):
        for form in Page(page).forms:
            action = form.action or path
            if action == "-" or action.partition("?")[0].endswith(ENDS):
                continue
            for name in form.texts:
                if (action, name) in typed:
                    continue
                typed.add((action, name))
                token = sessions.form_token(browser.secret)
                values = {**page.form_values(form.number), name: MARKUP, "form_token": token}
                sent = browser.client.post(
                    action, data=values, headers={"referer": f"http://testserver{path}"}
                )
                assert sent.status_code < 500, (action, name)
                answer = Answer(sent.status_code, sent.text, dict(sent.headers), sent.content)
                found += [f"{action}, {name}: {what}" for what in runs(answer)]
    assert len(typed) > 40, typed
    shown = 0
    for path, page in pages(browser):
        found += [f"{path}: {what}" for what in Page(page).runs]
        shown += "onerror=alert(1)" in page.html
    assert not found
    assert shown > 5, "nothing that was typed is shown anywhere"


def test_the_look_for_what_runs_finds_it() -> None:
    for html in (
        "<p onclick=x>",
        "<script>x</script>",
        "<a href=' javascript:x'>",
        f'<input value="{MARKUP}">',
    ):
        assert Page(Answer(200, html, {}, b"")).runs


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A project that none of these tests changes."""
    folder = tmp_path_factory.mktemp("studio")
    (folder / "canary.txt").write_text(CANARY)
    made = a_node(folder)
    a_project(made, {"datasets/raw": {"type": "managed"}, "folders/box": {}})
    return made


@pytest.fixture(scope="module")
def admin(everything: Node) -> Browser:
    return a_browser(everything)


def address(route: Route, word: str = "nothing") -> str:
    """The project's own key, and a word for every other part."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda part: KEY if part[1] == "project" else word, route.path)


@pytest.mark.parametrize("route", POSTS, ids=lambda r: r.path)
def test_no_form_is_taken_that_was_not_made_for_this_session(admin: Browser, route: Route) -> None:
    other = sessions.form_token("somebody else's session")
    for values in ({}, {"form_token": ""}, {"form_token": "guess"}, {"form_token": other}):
        told = admin.client.post(address(route), data=values)
        assert (told.status_code, "not made for your session" in told.text) == (403, True), values
    with_files = admin.client.post(address(route), data={"form_token": other}, files={"files": ("x", b"x")})
    assert with_files.status_code == 403


@pytest.mark.parametrize("route", POSTS, ids=lambda r: r.path)
def test_no_form_of_another_site_is_taken_even_with_the_token(admin: Browser, route: Route) -> None:
    good = {"form_token": sessions.form_token(admin.secret)}
    for header in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        told = admin.client.post(address(route), data=good, headers=header)
        assert (told.status_code, "page of another site" in told.text) == (403, True), header


@pytest.mark.parametrize("route", PAGES, ids=lambda r: r.path)
def test_every_answer_is_for_its_reader_only_and_runs_nothing_of_others(admin: Browser, route: Route) -> None:
    for path in (address(route), address(route, "raw")):
        headers = admin.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert re.search("no-store|private", headers["cache-control"])


def test_every_cookie_is_hidden_from_scripts_and_from_other_sites(admin: Browser) -> None:
    told = admin.post("/projects/new", {"key": "SEEN", "title": "Its page tells that it is there"})
    assert who.COOKIE not in told.headers["set-cookie"]
    for word in ("httponly", "samesite=lax"):
        assert word in told.headers["set-cookie"].lower()


@pytest.mark.parametrize("route", NAMED, ids=lambda r: f"{r.method} {r.path}")
def test_no_part_of_an_address_leads_out_of_the_home(admin: Browser, everything: Node, route: Route) -> None:
    folder = everything.config.home.parent
    before = sorted(path.name for path in folder.iterdir())
    token = {who.FORM_HEADER: sessions.form_token(admin.secret)}
    for word in PATHS:
        whole = re.sub(r"\{[^}]+\}", word, route.path)
        for url in {address(route, word), whole} - {address(route)}:
            told = admin.client.request(route.method, url, headers=token)
            assert told.status_code < 500, (url, told.text[:300])
            assert CANARY not in told.text
            assert "root:x:0" not in told.text
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize("word", ["path", "file", "under", "name", "next"])
def test_no_word_of_a_query_leads_out_of_the_home(admin: Browser, word: str) -> None:
    for route in PAGES:
        for url in {address(route, name) for name in ("raw", "box")}:
            told = admin.client.get(f"{url}?{word}=../../../../canary.txt")
            assert told.status_code < 500, (url, told.text[:300])
            assert CANARY not in told.text
