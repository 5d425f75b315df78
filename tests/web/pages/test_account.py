"""Logging in and out, the one-time link, and one's own account."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.http import who
from penstock.runtime import sessions, users
from penstock.testing import a_node
from tests.web.browser import Browser, a_browser

PASSWORD = "correct horse battery"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    users.add(made, "eve", name="<b>Eve</b>", admin=True, password=PASSWORD)
    return made


def test_somebody_logs_in_and_comes_where_they_wanted_to_go(node: Node) -> None:
    browser = Browser(node)
    answer = browser.post("/login", {"login": "eve", "password": PASSWORD, "next": "/me"})
    assert answer.location == "/me"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "eve" in browser.follow(answer).text


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_log_in_never_leads_to_another_site(node: Node, there: str) -> None:
    answer = Browser(node).post("/login", {"login": "eve", "password": PASSWORD, "next": there})
    assert answer.location == "/"


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(node: Node) -> None:
    told = {
        login: Browser(node).post("/login", {"login": login, "password": "wrong"}, status=401).text
        for login in ("eve", "nobody")
    }
    assert "The login or the password is wrong." in told["eve"]
    assert told["eve"].replace("eve", "") == told["nobody"].replace("nobody", "")


def test_a_session_planted_before_the_log_in_is_not_the_one_after_it(node: Node) -> None:
    browser = Browser(node, "planted-by-somebody")
    browser.post("/login", {"login": "eve", "password": PASSWORD})
    assert browser.client.cookies[who.COOKIE] != "planted-by-somebody"
    assert not sessions.identify(node, "planted-by-somebody").is_known


def test_after_logging_out_the_session_is_good_no_more(node: Node) -> None:
    browser = a_browser(node, login="eve")
    assert browser.post("/logout").location == "/login"
    assert not sessions.identify(node, browser.secret).is_known


def test_the_one_time_link_sets_a_password_once(node: Node) -> None:
    users.add(node, "bob")
    link = sessions.invite(node, "bob")
    browser = Browser(node)
    assert "Welcome, bob" in browser.get(link.path).text
    values = {"password": PASSWORD, "again": PASSWORD}
    assert browser.post(link.path, values).location == "/"
    Browser(node).post(link.path, values, status=403)


def test_two_different_passwords_set_none(node: Node) -> None:
    users.add(node, "bob")
    link = sessions.invite(node, "bob")
    answer = Browser(node).post(link.path, {"password": PASSWORD, "again": "another one here"}, status=422)
    assert "not the same" in answer.text
    assert not node.credentials.has_password("bob")


def test_people_change_what_is_shown_of_them_and_it_is_escaped(node: Node) -> None:
    browser = a_browser(node, login="eve")
    page = browser.get("/me")
    assert "<b>Eve</b>" not in page.html
    browser.post("/me", {"name": "Eva", "email": "eva@example.org"})
    assert users.show(node, "eve").name == "Eva"
    assert "no e-mail address" in browser.post("/me", {"name": "Eva", "email": "nonsense"}, status=422).text


def test_the_password_changes_only_with_the_present_one(node: Node) -> None:
    browser = a_browser(node, login="eve")
    new = {"password": "another long password", "again": "another long password"}
    assert "present password is wrong" in browser.post("/me/password", {"old": "no", **new}, status=422).text
    browser.post("/me/password", {"old": PASSWORD, **new})
    assert node.credentials.check_password("eve", "another long password")


def test_logging_out_elsewhere_keeps_this_session(node: Node) -> None:
    other, browser = a_browser(node, login="eve"), a_browser(node, login="eve")
    browser.post("/me/sessions/end")
    assert sessions.identify(node, browser.secret).is_known
    assert not sessions.identify(node, other.secret).is_known


def test_the_look_is_remembered_and_drawn_at_once(node: Node) -> None:
    browser = a_browser(node, login="eve")
    browser.post("/me/theme", {"theme": "dark"}, status=204)
    assert browser.get("/me").has('data-bs-theme="dark"')
    browser.post("/me/theme", {"theme": "<script>"}, status=422)
