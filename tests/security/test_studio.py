"""What somebody who means harm tries on every page of the studio: forms of other sites, and paths."""

from __future__ import annotations

import re

import pytest

from penstock.core.node import Node
from penstock.http import who
from penstock.runtime import sessions
from penstock.testing import KEY, a_node, a_project
from penstock.web import routes
from penstock.web.routes import Route
from tests.web.browser import Browser, a_browser

pytestmark = pytest.mark.timeout(120)
CANARY = "words that stand beside the home"
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
