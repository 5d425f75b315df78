"""Who asks, by cookie or key; and what no other site can make a browser do."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from penstock.core.access import Permission
from penstock.core.node import Node
from penstock.http import problems, who
from penstock.http.audited import Audited, told_path
from penstock.runtime import audit, keys, people, projects, sessions, users
from penstock.testing import a_node

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

GOOD = "correct horse"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    users.add(made, "eva", password=GOOD)
    projects.create(made, "BANK", author="eva")
    return made


@pytest.fixture
def client(node: Node) -> Iterator[TestClient]:
    def log_in(request: Request) -> Response:
        old = who.session_secret(request)
        response = JSONResponse({})
        secret = sessions.sign_in(node, "eva", request.headers["password"], address="1.2.3.4", old=old)
        who.remember(response, secret, request)
        return response

    def see(request: Request) -> Response:
        found = who.require(request, node, Permission.READ, "BANK")
        return JSONResponse({"login": found.login, "token": who.form_token(request)})

    def change(request: Request) -> Response:
        found = who.require(request, node, Permission.WRITE, "BANK")
        who.check_form(request, found)
        return JSONResponse({})

    app = Starlette(routes=[
        Route("/login", log_in, methods=["POST"]), Route("/see", see), Route("/change", change, methods=["POST"]),
    ])  # fmt: skip
    problems.install(app)
    with TestClient(Audited(app, node), base_url="http://studio") as made:
        yield made


def logged_in(client: TestClient) -> str:
    """The form token of a fresh session."""
    assert client.post("/login", headers={"password": GOOD}).status_code == 200
    return str(client.get("/see").json()["token"])


def test_nobody_is_told_to_log_in(client: TestClient) -> None:
    answer = client.get("/see")
    assert (answer.status_code, answer.json()["type"]) == (401, "not-signed-in")


def test_the_cookie_is_for_this_site_and_no_script(client: TestClient) -> None:
    cookie = client.post("/login", headers={"password": GOOD}).headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "Secure" not in cookie
    with TestClient(client.app, base_url="https://studio") as safe:
        assert "Secure" in safe.post("/login", headers={"password": GOOD}).headers["set-cookie"]


def test_a_session_planted_before_the_log_in_is_worth_nothing_after_it(client: TestClient) -> None:
    client.cookies.set(who.COOKIE, "planted", domain="studio.local")
    client.post("/login", headers={"password": GOOD})
    assert client.cookies[who.COOKIE] != "planted"
    client.cookies.clear()
    answer = client.get("/see", headers={"cookie": f"{who.COOKIE}=planted"})
    assert answer.status_code == 401


def test_a_change_needs_the_form_token_of_this_very_session(client: TestClient) -> None:
    token = logged_in(client)
    assert client.post("/change").status_code == 403
    assert client.post("/change", headers={who.FORM_HEADER: "guess"}).status_code == 403
    assert client.post("/change", headers={who.FORM_HEADER: token}).status_code == 200
    newer = logged_in(client)
    assert newer != token
    assert client.post("/change", headers={who.FORM_HEADER: token}).status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        {"origin": "http://evil"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
    ],
)
def test_a_page_of_another_site_changes_nothing(client: TestClient, header: dict[str, str]) -> None:
    token = logged_in(client)
    assert client.post("/change", headers={who.FORM_HEADER: token, **header}).status_code == 403
    assert (
        client.post("/change", headers={who.FORM_HEADER: token, "origin": "http://studio"}).status_code == 200
    )


def test_a_key_needs_no_form_and_goes_before_the_cookie(client: TestClient, node: Node) -> None:
    logged_in(client)
    made = keys.create_for_project(node, "BANK", ["read"], by="eva")
    bearer = {"authorization": f"Bearer {made.secret}"}
    assert client.get("/see", headers=bearer).json()["login"] == f"key:{made.key.id}"
    refused = client.post("/change", headers=bearer)
    assert (refused.status_code, refused.json()["type"]) == (403, "not-allowed")
    for pair in (f"{made.secret}:", f"anybody:{made.secret}"):
        basic = base64.b64encode(pair.encode()).decode()
        assert client.get("/see", headers={"authorization": f"Basic {basic}"}).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer pk_1_wrong", "Bearer x", "Bearer ", "Basic !!", "Basic eDp5", "Digest a=b"]
)
def test_a_key_that_is_no_good_is_refused_even_with_a_good_cookie(client: TestClient, header: str) -> None:
    logged_in(client)
    assert client.get("/see", headers={"authorization": header}).status_code == 401


@pytest.mark.requirement("A100")
def test_a_revoked_key_is_refused_by_the_next_request(client: TestClient, node: Node) -> None:
    made = keys.create_personal(node, by="eva")
    bearer = {"authorization": f"Bearer {made.secret}"}
    assert client.get("/see", headers=bearer).json()["login"] == "eva"
    keys.revoke(node, made.key.id, by="eva")
    assert client.get("/see", headers=bearer).status_code == 401


def test_the_session_of_somebody_disabled_ends_with_the_next_request(client: TestClient, node: Node) -> None:
    logged_in(client)
    users.disable(node, "eva")
    assert client.get("/see").status_code == 401


@pytest.mark.requirement("A100")
def test_every_request_that_changes_something_is_in_the_audit_log(client: TestClient, node: Node) -> None:
    token = logged_in(client)
    client.post("/change", headers={who.FORM_HEADER: token})
    client.post("/change", headers={who.FORM_HEADER: "wrong"})
    client.get("/see")
    refused, done, came, *_ = audit.latest(node)
    assert (done["msgType"], done["user"], done["source"], done["object"], done["result"]) == (
        "http-request", "eva", "session", "/change", "ok",
    )  # fmt: skip
    assert (done["method"], done["status"], done["address"]) == ("POST", 200, "testclient")
    assert (refused["result"], refused["user"]) == ("http-403", "eva")
    assert (came["msgType"], came["user"], came["result"]) == ("login", "eva", "ok")


def test_a_right_that_is_taken_is_gone_with_the_next_request(client: TestClient, node: Node) -> None:
    users.add(node, "bob", password=GOOD)
    made = keys.create_personal(node, by="bob")
    bearer = {"authorization": f"Bearer {made.secret}"}
    assert client.get("/see", headers=bearer).status_code == 404
    people.grant(node, "BANK", ["read"], user="bob", by="eva")
    assert client.get("/see", headers=bearer).status_code == 200
    people.grant(node, "BANK", [], user="bob", by="eva")
    assert client.get("/see", headers=bearer).status_code == 404


def test_errors_say_what_is_missing_and_who_gives_it(client: TestClient, node: Node) -> None:
    users.add(node, "bob", name="Bob")
    people.grant(node, "BANK", ["read"], user="bob", by="eva")
    made = keys.create_personal(node, by="bob")
    told = client.post("/change", headers={"authorization": f"Bearer {made.secret}"}).json()
    assert "Bob lacks the permission “write” in project BANK" in told["detail"]
    assert "eva, the project's owner, can give it." in str(told)


def test_no_log_tells_what_a_one_time_link_holds() -> None:
    assert told_path({"path": "/welcome/secret", "type": "http"}) == "/welcome/…"
    assert told_path({"path": "/projects/P/welcome/x", "type": "http"}) == "/projects/P/welcome/x"
