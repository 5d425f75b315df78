"""API services in the studio: what the pages show, what each form does, and what people without rights do not see."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.core.update import Update, UpdateState
from penstock.deploy import deployments, infrastructures, publishing, service_queries, services
from penstock.runtime import connections
from penstock.testing import KEY, a_node, a_project
from tests.web.browser import a_browser
from tests.web.pages.modelled import a_bank

HERE = f"/projects/{KEY}/services"
ENDPOINT = "predict_authorized"
FUNCTION = {"type": "python_function", "name": "add", "code": "def add(a): return a + 1"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_bank(tmp_path)
    services.create(node, KEY, "The <b>bank</b>", name="bank", model="authorized", author="ann")
    return node


def test_a_project_without_services_says_what_one_is(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    assert "No API service yet" in a_browser(node).get(HERE).text


def test_a_service_is_made_and_listed_and_what_people_typed_is_text(node: Node) -> None:
    browser = a_browser(node)
    page = browser.get(HERE)
    assert "The &lt;b&gt;bank&lt;/b&gt;" in page.html
    assert "<b>bank" not in page.html
    made = browser.post(HERE, {"title": "Fares now", "model": "fare"})
    assert made.location == f"{HERE}/fares_now"
    assert "predict_fare" in browser.get(f"{HERE}/fares_now").text
    browser.post(f"{HERE}/fares_now/delete")
    assert [s.name for s in services.listing(node, KEY)] == ["bank"]


def test_an_endpoint_is_added_changed_and_removed_by_the_form_of_its_kind(node: Node) -> None:
    browser = a_browser(node)
    new = browser.get(f"{HERE}/bank/endpoints/new?type=python_function")
    assert 'name="code"' in new.html
    browser.post(f"{HERE}/bank/endpoints/new", {**FUNCTION, "base": new.form_values("endpoint-form")["base"]})
    assert services.show(node, KEY, "bank").service.endpoint("add").kind_name() == "python_function"
    page = browser.get(f"{HERE}/bank/endpoints/add")
    values = {**page.form_values("endpoint-form"), "code": "def add(a, b): return a + b"}
    browser.post(f"{HERE}/bank/endpoints/add", values)
    assert service_queries.ask(node, KEY, "bank", "add", {"a": 1, "b": 2}).answer == {"response": 3}
    wrong = browser.post(f"{HERE}/bank/endpoints/add", {**values, "code": "def add(c): return c"}, status=409)
    assert "Not saved" in wrong.text, "somebody saved meanwhile"
    fresh = browser.get(f"{HERE}/bank/endpoints/add").form_values("endpoint-form")
    broken = browser.post(f"{HERE}/bank/endpoints/add", {**fresh, "code": "def add("}, status=422)
    assert "Line 1" in broken.text
    browser.post(f"{HERE}/bank/endpoints/add/delete")
    assert [e.name for e in services.show(node, KEY, "bank").service.endpoints] == [ENDPOINT]


@pytest.mark.requirement("D58")
def test_test_queries_are_made_run_and_asked_in_the_designer(node: Node) -> None:
    browser = a_browser(node)
    assert "No test query yet" in browser.get(f"{HERE}/bank/test").text
    browser.post(f"{HERE}/bank/endpoints/{ENDPOINT}/test-queries", {"dataset": "april", "rows": "2"})
    ran = browser.post(f"{HERE}/bank/test")
    assert "2 of 2 answered" in ran.text
    query = {"features": {"amount": 5}}
    asked = browser.post(f"{HERE}/bank/endpoints/{ENDPOINT}/ask", {"query": json.dumps(query), "keep": "yes"})
    assert "probas" in asked.text
    kept = services.show(node, KEY, "bank").service.endpoint(ENDPOINT).test_queries
    assert kept[-1].query == query
    browser.post(f"{HERE}/bank/endpoints/{ENDPOINT}/test-queries/0/delete")
    assert services.show(node, KEY, "bank").service.endpoint(ENDPOINT).test_queries == kept[1:]
    assert "no JSON" in browser.post(f"{HERE}/bank/endpoints/{ENDPOINT}/ask", {"query": "{"}, status=422).text


def test_a_version_is_made_shown_downloaded_published_and_removed(node: Node) -> None:
    browser = a_browser(node)
    assert 'value="v1"' in browser.get(f"{HERE}/bank/versions").html
    browser.post(f"{HERE}/bank/versions", {"version": "v1", "notes": "The **first**."})
    page = browser.get(f"{HERE}/bank/versions/v1")
    assert "<strong>first</strong>" in page.html
    assert f"S-{KEY}-authorized-" in page.text
    assert browser.get(f"{HERE}/bank/versions/v1/download").content[:2] == b"PK"
    assert "never change" in browser.post(f"{HERE}/bank/versions", {"version": "v1"}, status=409).text
    browser.post(f"{HERE}/bank/versions/v1/publish")
    assert node.deployer.names("service") == ["bank"]
    browser.post(f"{HERE}/bank/versions/v1/delete")
    assert services.versions(node, KEY, "bank") == []


@pytest.mark.requirement("D46")
def test_a_key_is_shown_once_and_revoked(node: Node) -> None:
    browser = a_browser(node)
    made = browser.post(f"{HERE}/bank/keys", {"label": "shop", "days": "0"})
    secret = made.html.split('data-copy="sk_')[1].split('"')[0]
    page = browser.get(f"{HERE}/bank/security").html
    assert secret not in page
    assert "shop" in page
    (key,) = services.show(node, KEY, "bank").service.access.keys
    browser.post(f"{HERE}/bank/keys/{key.id}/revoke")
    assert "There is no key yet" in browser.get(f"{HERE}/bank/security").text
    browser.post(f"{HERE}/bank/security", {"method": "public"})
    assert services.show(node, KEY, "bank").service.access.method == "public"


def test_the_connection_of_a_query_is_chosen_from_the_databases_that_may_be_used(
    node: Node, tmp_path: Path
) -> None:
    url = f"{HERE}/bank/endpoints/new?type=sql_query"
    field = '<input class="form-control" id="f-connection"'
    assert field in a_browser(node).get(url).html, "none is there to choose from"
    places = {"shop": [], "theirs": ["carl"]}
    for name, allowed in places.items():
        said = {"type": "sqlite", "path": str(tmp_path / name), "allowed": allowed}
        connections.define(node, name, said)
    connections.define(node, "chat", {"type": "webhook", "url": "https://chat.example"})
    found = re.search(
        r'<select class="form-select" id="f-connection".*?</select>', a_browser(node).get(url).html
    )
    assert found
    assert re.findall('value="(.*?)"', found[0]) == ["", "shop"]


@pytest.mark.requirement("D59")
def test_how_to_ask_is_told_as_code_and_openapi(node: Node) -> None:
    text = a_browser(node).get(f"{HERE}/bank/code?address=http://node:12000").text
    assert f"http://node:12000/public/api/v1/bank/{ENDPOINT}/predict" in text
    assert "swagger" in text


def test_code_asks_where_the_service_is_deployed(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    services.create(node, KEY, "Sums", name="sums", author="ann")
    services.save_endpoint(node, KEY, "sums", FUNCTION, author="ann")
    assert "http://API-NODE:7980" in a_browser(node).get(f"{HERE}/sums/code").text
    services.create_version(node, KEY, "sums", "v1", author="ann")
    publishing.service_version(node, KEY, "sums", "v1", by="ann")
    infrastructures.define(node, "api", {"type": "local_process", "port": 8123}, by="ann")
    deployments.create_service(node, "sums", "v1", "api", by="ann")
    assert "http://API-NODE:7980" in a_browser(node).get(f"{HERE}/sums/code").text, "not deployed yet"
    now = node.clock.now()
    node.deployer.begin(Update(
        id="done", deployment="sums-on-api", kind="deploy", package="v1", started_at=now, ended_at=now,
        state=UpdateState.SUCCESS,
    ))  # fmt: skip
    text = a_browser(node).get(f"{HERE}/sums/code").text
    assert "http://127.0.0.1:8123/public/api/v1/sums/add/run" in text


def test_settings_keep_endpoints_and_the_monitoring_zone_is_made(node: Node) -> None:
    browser = a_browser(node)
    values = browser.get(f"{HERE}/bank/settings").form_values("settings-form")
    browser.post(f"{HERE}/bank/settings", {**values, "title": "Bank", "openapi": "yes"})
    old = browser.post(f"{HERE}/bank/settings", {**values, "title": "Mine"}, status=409)
    assert "Not saved" in old.text, "what somebody else saved is not lost"
    saved = services.show(node, KEY, "bank").service
    assert (saved.title, saved.openapi, len(saved.endpoints)) == ("Bank", True, 1)
    browser.post(f"{HERE}/bank/endpoints/{ENDPOINT}/monitor")
    assert f"bank_{ENDPOINT}_log" in node.projects.load(KEY).datasets


def test_who_only_reads_finds_no_button(node: Node) -> None:
    reader = a_browser(node, login="bob", rights=("read",))
    for page in ("", "/test", "/versions", "/security", "/code", "/settings", f"/endpoints/{ENDPOINT}"):
        text = reader.get(f"{HERE}/bank{page}").text
        assert "Save" not in text
        assert "New version" not in text
    reader.post(f"{HERE}/bank/test", status=403)
