"""Pages of the deployer: what is published, where it can go, deployments, monitoring."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.core import activity
from penstock.core.activity import Moment
from penstock.core.deployment import Deployment
from penstock.core.health import Health
from penstock.core.node import Node
from penstock.core.update import Update, UpdateState
from penstock.deploy import deployments, infrastructures, monitoring, publishing, updates
from penstock.runtime import connections, recovery, users
from tests.deploy.places import design, infrastructure, publish
from tests.node.packages import Design, function
from tests.web.browser import a_browser


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = design(tmp_path)
    publish(made, notes="<b>first</b>")
    infrastructure(made, stage="Production")
    return made


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("/deployer", "No bundle is published yet"),
        ("/deployer/services", "No API service is published yet"),
        ("/deployer/infrastructures", "No infrastructure yet"),
        ("/deployer/monitoring", "Nothing is deployed yet"),
    ],
)
def test_an_empty_deployer_says_what_would_stand_there(tmp_path: Path, url: str, words: str) -> None:
    assert words in a_browser(design(tmp_path)).get(url).text


def test_published_bundles_stand_with_their_notes_and_a_deploy_button(node: Node) -> None:
    page = a_browser(node).get("/deployer")
    assert "&lt;b&gt;first&lt;/b&gt;" in page.html
    assert "/deployer/deploy?sort=project&amp;name=FRAUD&amp;package=v1" in page.html


def test_release_notes_are_shown_as_they_are_meant_and_nothing_in_them_runs(tmp_path: Path) -> None:
    node = design(tmp_path)
    publish(node, notes="Learned from **May** <script>alert(1)</script>")
    publish(node, "v2", notes="# News\n\n" + "Much is new. " * 30)
    html = a_browser(node).get("/deployer").html
    assert "Learned from <strong>May</strong>" in html
    assert "<script>alert" not in html
    assert re.search(r"<summary>Release notes</summary>.*?<h1[^>]*>News</h1>", html, re.DOTALL)


@pytest.mark.requirement("D29")
def test_deploy_makes_a_new_deployment_or_updates_one_that_is_there(node: Node) -> None:
    browser = a_browser(node)
    words = {"sort": "project", "name": "FRAUD"}
    made = browser.post(
        "/deployer/deploy", {**words, "package": "v1", "infrastructure": "prod", "id": "", "as": ""}
    )
    assert made.location.endswith("/deployer/deployments/FRAUD-on-prod/settings")
    publish(node, "v2")
    page = browser.get("/deployer/deploy?sort=project&name=FRAUD&package=v2")
    assert "FRAUD-on-prod (v1 now)" in page.text
    browser.post("/deployer/deploy", {**words, "package": "v2", "deployment": "FRAUD-on-prod"})
    assert deployments.show(node, "FRAUD-on-prod").definition.package == "v2"


def test_settings_are_saved_by_form_and_take_effect_later(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    browser = a_browser(node)
    page = browser.get("/deployer/deployments/FRAUD-on-prod/settings")
    assert "Nothing changes on a node" in page.text
    values = page.form_values(page_form(page.html)) | {"settings.run_as": "bob", "scenario:look": "on"}
    browser.post("/deployer/deployments/FRAUD-on-prod/settings", values)
    after = deployments.show(node, "FRAUD-on-prod").definition
    assert isinstance(after, Deployment)
    assert (after.settings.run_as, after.settings.scenarios, after.enabled) == ("bob", {"look": True}, True)
    again = browser.get("/deployer/deployments/FRAUD-on-prod/settings")
    values = again.form_values(page_form(again.html)) | {"scenario:look": "off"}
    browser.post("/deployer/deployments/FRAUD-on-prod/settings", {**values, "enabled": ""})
    after = deployments.show(node, "FRAUD-on-prod").definition
    assert isinstance(after, Deployment)
    assert (after.settings.run_as, after.settings.scenarios, after.enabled) == ("bob", {"look": False}, False)


def test_each_connection_of_the_bundle_has_a_field_for_the_one_of_the_node(tmp_path: Path) -> None:
    node = design(tmp_path)
    connections.define(node, "bank", {"type": "sqlite", "path": str(tmp_path / "bank.db")})
    made = '{"type": "managed", "connection": "bank"}'
    node.projects.save("FRAUD", {"flow/datasets/cards.yaml": made}, author="ann", message="Cards")
    publish(node)
    infrastructure(node)
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    browser, url = a_browser(node), "/deployer/deployments/FRAUD-on-prod/settings"
    for name in ("bank_production", ""):
        page = browser.get(url)
        browser.post(url, page.form_values(page_form(page.html)) | {"connection:bank": name})
        after = deployments.show(node, "FRAUD-on-prod").definition
        assert isinstance(after, Deployment)
        assert after.settings.connections == ({"bank": name} if name else {})


@pytest.mark.requirement("D34")
def test_an_update_that_failed_says_why_and_has_its_log(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    browser = a_browser(node)
    started = browser.post("/deployer/deployments/FRAUD-on-prod/update")
    updates.wait(node, started.location.rpartition("/")[2], no_fail=True)
    assert "does not answer" in browser.get(started.location).text
    assert "pre-checks" in browser.get(started.location + "/log").text
    listed = browser.get("/deployer/deployments/FRAUD-on-prod/updates").text
    assert "does not answer" in listed
    assert "The last update failed" in browser.get("/deployer/deployments/FRAUD-on-prod").text


def test_while_an_update_runs_no_other_one_is_offered_and_the_page_tells_how_far_it_is(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    browser, url = a_browser(node), "/deployer/deployments/FRAUD-on-prod"
    assert f'action="{url}/update"' in browser.get(url).html
    update = Update(
        id="now", deployment="FRAUD-on-prod", kind="update", package="v1", phase="Activate", definition={},
        started_at=node.clock.now(), requested_by="ann", owner=recovery.owner(),
    )  # fmt: skip
    node.deployer.begin(update)
    for page in ("", "/settings", "/updates"):
        html = browser.get(url + page).html
        assert f"{url}/updates/now" in html
        assert not any(f"{url}/{verb}" in html for verb in ('update"', "rollback", "delete"))
    shown = browser.get(url)
    assert f'<live-part src="{url}/updates/now/live"' in shown.html
    assert "Activate" in shown.text
    node.deployer.save_update(replace(update, state=UpdateState.FAILED, ended_at=node.clock.now()))
    assert f'action="{url}/update"' in browser.get(url).html


def test_an_infrastructure_is_made_changed_and_deleted_by_form(tmp_path: Path) -> None:
    node = design(tmp_path)
    browser = a_browser(node)
    browser.get("/deployer/infrastructures/new")
    fields = {"infrastructure_name": "dev", "type": "local_process", "port": "8123", "stage": "Test"}
    assert browser.post("/deployer/infrastructures/new", fields).location.endswith("/infrastructures/dev")
    assert infrastructures.show(node, "dev").to_mapping()["port"] == 8123
    assert "Nothing yet" in browser.get("/deployer/infrastructures/dev").text
    browser.post("/deployer/infrastructures/dev/delete")
    assert infrastructures.listing(node) == []


def test_a_key_that_nobody_sealed_is_asked_for_where_the_infrastructure_stands(node: Node) -> None:
    nodes = [{"url": "http://127.0.0.1:9", "key": f"secret:{name}"} for name in ("one", "two")]
    reads = [{"holder": "bob", "rights": ["read"]}]
    infrastructures.define(
        node, "api", {"type": "static_api_nodes", "nodes": nodes, "people": reads}, by="ann"
    )
    browser, url = a_browser(node), "/deployer/infrastructures/api"
    assert "Not sealed yet: one, two" in browser.get(url).text
    for name in ("one", "two"):
        browser.post("/admin/secrets", {"name": name, "value": "pk_1"})
    assert "Not sealed" not in browser.get(url).text
    assert "pk_1" not in browser.get(url).html
    users.add(node, "bob")
    node.secrets.delete("one")
    seen = a_browser(node, login="bob", rights=()).get(url)
    assert "Whoever manages connections seals the key." in seen.text
    assert "/admin/secrets" not in seen.html


@pytest.mark.requirement("D39")
def test_monitoring_counts_and_filters(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    monitoring.refresh(node)
    browser = a_browser(node)
    assert "FRAUD-on-prod" in browser.get("/deployer/monitoring?health=UNKNOWN").text
    assert "FRAUD-on-prod" not in browser.get("/deployer/monitoring?health=ERROR").text
    browser.post("/deployer/monitoring/refresh")


def test_a_page_of_a_deployment_draws_what_was_seen_over_time(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    browser = a_browser(node)
    assert "Over time" not in browser.get("/deployer/deployments/FRAUD-on-prod").text
    page = browser.get("/deployer/deployments/FRAUD-on-prod").html
    assert "Over time" in page
    assert "Health over time; last UNKNOWN" in page
    assert "Queries a minute" not in page, "a project answers none"


@pytest.mark.requirement("D65")
def test_each_endpoint_of_a_service_has_its_own_line_in_the_charts(tmp_path: Path) -> None:
    node, signer = design(tmp_path), Design(tmp_path / "signer")
    archive = signer.package(endpoints=[function("add"), function("late", "def late(): return 1\n")])
    publishing.receive(node, [archive], sort="service", by="ann")
    place = {"type": "static_api_nodes", "nodes": [{"url": "http://127.0.0.1:9", "key": "secret:api"}]}
    infrastructures.define(node, "api", place, by="ann")
    deployments.create_service(node, "flights", "v1", "api", by="ann")
    now, browser = node.clock.now(), a_browser(node)
    for minutes, add, late in ((10, 5, 1), (5, 25, 2)):
        told = [
            {"endpoint": "add", "count": add, "p95": 2.0},
            {"endpoint": "late", "count": late, "p95": 9.0},
        ]
        parts = activity.split(told)
        moment = Moment(
            at=now - timedelta(minutes=minutes),
            health=Health.HEALTHY,
            endpoints=parts,
            **activity.summed(told),
        )
        known = node.deployer.seen("flights-on-api").get("flights-on-api", ({}, now))[0].get("course", [])
        node.deployer.remember("flights-on-api", {"course": activity.lengthened(known, moment)}, now)
    page = browser.get("/deployer/deployments/flights-on-api").html
    assert "queries of each endpoint over time; last add 4, late 0.2" in page
    assert "p95 of each endpoint over time; last add 2, late 9" in page
    assert "Queries over time" not in page, "their sum says nothing of either"


def test_a_node_of_this_machine_that_cannot_be_started_says_why_where_its_answers_would_stand(
    tmp_path: Path,
) -> None:
    node, signer = design(tmp_path), Design(tmp_path / "signer")
    publishing.receive(node, [signer.package(endpoints=[function("add")])], sort="service", by="ann")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        infrastructures.define(node, "api", {"type": "local_process", "port": port}, by="ann")
        deployments.create_service(node, "flights", "v1", "api", by="ann")
        browser, url = a_browser(node), "/deployer/deployments/flights-on-api/test"
        assert "Nothing answers yet: deploy it first" in browser.get(url).text
        now = node.clock.now()
        node.deployer.begin(Update(
            id="done", deployment="flights-on-api", kind="deploy", package="v1", started_at=now, ended_at=now,
            state=UpdateState.SUCCESS, definition={},
        ))  # fmt: skip
        assert "does not run now. Run all starts it first." in browser.get(url).text
        page = browser.post(url)
        assert f"Port {port} of this machine is taken by another program." in page.text
        assert "It was started" not in page.text


def test_versions_that_answer_and_shadows_are_chosen_from_those_published(tmp_path: Path) -> None:
    node, signer = design(tmp_path), Design(tmp_path / "signer")
    for version in ("v1", "v2"):
        archive = signer.package(version, endpoints=[function("add")])
        publishing.receive(node, [archive], sort="service", by="ann")
    place = {"type": "static_api_nodes", "nodes": [{"url": "http://127.0.0.1:9", "key": "secret:api"}]}
    infrastructures.define(node, "api", place, by="ann")
    deployments.create_service(node, "flights", "v1", "api", by="ann")
    browser, url = a_browser(node), "/deployer/deployments/flights-on-api/settings"
    html = browser.get(url).html
    select = re.search(r'<select class="form-select" id="f-mapping.entries.0.generation".*?</select>', html)
    assert select
    assert sorted(re.findall('value="(.*?)"', select[0])) == ["", "v1", "v2"]
    assert '<select class="form-select" id="f-__path0__.__i0__"' in html, "another shadow"
    values = browser.get(url).form_values(page_form(html)) | {"mapping.shadow.0": "v2"}
    browser.post(url, values)
    assert deployments.show(node, "flights-on-api").definition.package == "v1, shadow v2"


def test_whoever_has_no_right_sees_neither_the_project_nor_a_button(node: Node) -> None:
    users.add(node, "bob")
    page = a_browser(node, login="bob", rights=()).get("/deployer")
    assert "FRAUD" not in page.text
    a_browser(node, login="bob", rights=()).get("/deployer/infrastructures/new", status=403)


def test_a_bundle_is_published_as_a_file_and_deleted(node: Node) -> None:
    browser = a_browser(node)
    browser.post("/deployer/project/FRAUD/v1/delete")
    assert publishing.show(node, "project", "FRAUD").packages == ()


def page_form(html: str) -> int:
    """The number of the form that holds the settings."""
    forms = html.split("<form")[1:]
    return next(n for n, form in enumerate(forms) if "/settings" in form.partition(">")[0])
