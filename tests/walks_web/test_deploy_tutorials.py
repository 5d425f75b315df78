"""Both tutorials of deployment, clicked: a project to an automation node, and a model to a real-time node. Each node is
a process of its own with its own home."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.csv
import pytest
from playwright.sync_api import Locator, Page, expect

from penstock.deploy import infrastructures
from penstock.runtime import connections, datasets, jobs, users
from penstock.testing import KEY
from penstock_node.disk import Shelf
from penstock_node.settings import Home
from tests import nodes
from tests.node import packages
from tests.sinks import Post, mail_server
from tests.walks_web.conftest import PASSWORD, PATIENCE, Studio
from tests.walks_web.months import APRIL, HISTORY, furnish

SCORED = {
    "datasets/scored": {"type": "managed", "connection": "bank", "table": "scored"},
    "recipes/score_new": {"type": "score", "input": "new_transactions", "model": "authorized", "output": "scored"},
}  # fmt: skip
SCORE = "steps: [{type: build, name: Score, items: [scored]}]\n"
MONITOR = """
steps:
  - {type: build, name: Score again, items: [scored], mode: only}
reporters:
  - {type: mail, name: Tell the team, channel: office, to: [ops@example.org], attachments: [log]}
"""
PROJECT = f"/projects/{KEY}"


def at(studio: Studio, url: str) -> Studio:
    """The same person in front of another node."""
    browser = studio.page.context.browser
    assert browser is not None
    page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda m: studio.complaints.append(m.text) if m.type in ("error", "warning") else None)
    return replace(studio, base=url, page=page)


def press(place: Page | Locator, name: str, *, sure: bool = False) -> None:
    """Press a button, and once more when it asks."""
    place.get_by_role("button", name=name, exact=True).first.click()
    if sure:
        place.locator("button.btn-danger[data-sure]").click()


# the batch tutorial ---------------------------------------------------------------------------------------------------


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as server:
        yield server


@pytest.fixture
def automation(studio: Studio, tmp_path: Path, post: Post) -> Iterator[nodes.RunningNode]:
    """An automation node that trusts the design node, with a bank and a mail server of its own."""
    made = nodes.a_home(tmp_path / "automation", "automation", "automation")
    there = made.node
    there.node_keys.trust(studio.node.node_keys.own(), by="ann", at=datetime.now(UTC))
    users.add(there, "ann", name="Ann", admin=True, password=PASSWORD)
    connections.define(there, "bank_production", sqlite(tmp_path / "production.db"))
    settings = {"type": "smtp", "host": "127.0.0.1", "port": post.port, "encryption": "none"}
    connections.define(there, "office", {**settings, "sender": "penstock@example.org"})
    made.start()
    try:
        yield made
    finally:
        made.stop()


def sqlite(path: Path) -> dict[str, Any]:
    with sqlite3.connect(path) as con:
        con.execute("create table here (a)")
    con.close()
    return {"type": "sqlite", "path": str(path)}


def bundle(studio: Studio, id: str, notes: str = "", tick: tuple[str, ...] = ()) -> None:
    """Bundles → New bundle → Publish on the deployer → Deploy."""
    page = studio.page
    studio.go(f"{PROJECT}/bundles")
    page.get_by_role("link", name="New bundle").first.click()
    for name in tick:
        page.get_by_label(name, exact=True).check()
    page.locator("[name=id]").fill(id)
    page.get_by_label("Release notes").fill(notes)
    press(page, "Make the bundle")
    page.wait_for_url(f"**/bundles/{id}")
    press(page, "Publish on the deployer")
    page.wait_for_url("**/deployer#*")
    page.get_by_role("row", name=re.compile(rf"^{id}\b")).get_by_role("link", name="Deploy").click()


def updated(studio: Studio, name: str = "Update", *, sure: bool = False) -> None:
    """Press it, and wait until the update has gone well and its page was loaded once more."""
    page = studio.page
    press(page, name, sure=sure)
    page.wait_for_url("**/updates/*")
    expect(page.locator("#update-state .state")).to_have_text(re.compile("Success"), timeout=90_000)
    expect(page.locator("live-part[parts=update-state]")).to_have_count(0)
    page.wait_for_load_state()


def run(there: Studio, scenario: str) -> None:
    """Run a scenario by hand and wait for its good end."""
    page = there.page
    there.go(f"{PROJECT}/scenarios/{scenario}")
    press(page, "Run now")
    page.wait_for_url(f"**/{scenario}/runs/*")
    page.get_by_role("button", name="Run again").wait_for(timeout=90_000)
    assert "Success" in page.locator("#run-state .state").first.inner_text()


@pytest.mark.requirement("D05", "D22", "D29", "D30")
def test_a_project_is_deployed_runs_and_mails_elsewhere_is_updated_and_rolled_back(
    studio: Studio, tmp_path: Path, automation: nodes.RunningNode, post: Post
) -> None:
    node, page = studio.node, studio.page
    connections.define(node, "bank", sqlite(tmp_path / "design.db"))
    furnish(node, tmp_path, SCORED)
    node.projects.save(KEY, {"scenarios/score_data.yaml": SCORE}, author="ann", message="Score")
    node.secrets.put("prod", automation.key)
    place = {"type": "automation_node", "url": automation.url, "key": "secret:prod", "stage": "Production"}
    infrastructures.define(node, "prod", place, by="ann")
    studio.log_in()

    bundle(studio, "v1", tick=("months", "authorized"))
    press(page, "Create")
    page.wait_for_url("**/settings")
    studio.picture("deploy-settings")
    page.get_by_label("bank on the node", exact=True).fill("bank_production")
    press(page, "Save")
    page.wait_for_url("**/DEMO-on-prod")
    updated(studio, "Deploy")

    there = at(studio, automation.url)
    there.log_in()
    there.go(f"{PROJECT}/bundles")
    expect(there.page.get_by_text("This project runs bundle v1.")).to_be_visible()
    run(there, "score_data")
    assert rows(tmp_path / "production.db") == 800
    assert rows(tmp_path / "design.db") == 0

    node.projects.save(KEY, {"scenarios/tell.yaml": MONITOR}, author="ann", message="Tell the team")
    bundle(studio, "v2", "Adds a scenario that **tells the team**.")
    press(page, "Take v2")
    page.locator("a[href$='/DEMO-on-prod/settings']").first.click()
    page.get_by_label("Triggers of tell").select_option("on")
    press(page, "Save")
    updated(studio)
    run(there, "tell")
    assert post.envelopes == [["ops@example.org"]]
    [log] = post.attached().values()
    assert b"Score again" in log
    assert rows(tmp_path / "production.db") == 800

    page.goto(f"{studio.base}/deployer")
    page.get_by_role("link", name=f"{KEY}-on-prod").first.click()
    expect(page.get_by_text("Healthy").first).to_be_visible()
    studio.picture("deploy-healthy")
    updated(studio, "Roll back", sure=True)
    there.go(f"{PROJECT}/bundles")
    expect(there.page.get_by_text("This project runs bundle v1.")).to_be_visible()
    there.go(f"{PROJECT}/scenarios")
    expect(there.page.locator("#scenario-score_data")).to_be_visible()
    assert there.page.locator("#scenario-tell").count() == 0
    assert rows(tmp_path / "production.db") == 800, "what was built stays"
    assert studio.complaints == []


def rows(database: Path) -> int:
    with sqlite3.connect(database) as con:
        known = con.execute("select 1 from sqlite_master where name = 'scored'").fetchall()
        counted = con.execute("select count(*) from scored").fetchone() if known else (0,)
    con.close()
    return int(counted[0])


# the tutorial of API services -----------------------------------------------------------------------------------------

SERVICE, ENDPOINT = "fraud_detection", "predict_authorized"
ASKED = f"{SERVICE}/{ENDPOINT}/predict"
KNOWN = {"transaction_id": "1-0"}


@pytest.fixture
def api(studio: Studio, tmp_path: Path) -> Iterator[packages.RunningNode]:
    """A real-time node that trusts the design node."""
    made = packages.RunningNode(tmp_path / "api1", name="api1")
    Shelf(Home(made.home)).keys.trust(studio.node.node_keys.own(), by="ann", at=datetime.now(UTC))
    made.start()
    yield made
    made.stop()


def version(studio: Studio, id: str) -> None:
    """Versions → New version, published → Deploy."""
    page = studio.page
    studio.go(f"{PROJECT}/services/{SERVICE}/versions")
    press(page, "New version")
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=version]").fill(id)
    dialog.get_by_label("Publish it on the deployer").check()
    press(dialog, "Make version")
    page.wait_for_url(f"**/deployer/services#published-{SERVICE}")
    page.get_by_role("row", name=re.compile(rf"^{id}\b")).get_by_role("link", name="Deploy").click()


def beside_the_model(studio: Studio) -> None:
    """Add endpoint → Python function, Add endpoint → Dataset lookup; each is asked and keeps a test query."""
    page = studio.page
    new_endpoint(studio, "python_function", "twice")
    page.locator("#endpoint-form .cm-content").click()
    page.keyboard.insert_text("def twice(n):\n    return 2 * n\n")
    press(page, "Save")
    page.wait_for_url(f"**/services/{SERVICE}")
    ask_it(studio, "twice", '{"n": 21}', '"response": 42')

    new_endpoint(studio, "dataset_lookup", "cards")
    _add(page, "datasets")
    page.locator("[name='datasets.0.dataset']").select_option("history")
    _add(page, "datasets.0.keys")
    page.locator("[name='datasets.0.keys.0.column']").fill("transaction_id")
    press(page, "Save")
    page.wait_for_url(f"**/services/{SERVICE}")
    ask_it(studio, "cards", json.dumps({"data": KNOWN}), '"card_age"')


def new_endpoint(studio: Studio, sort: str, name: str) -> None:
    """Service → Add endpoint → its type → its name."""
    page = studio.page
    studio.go(f"{PROJECT}/services/{SERVICE}")
    page.get_by_role("link", name="Add endpoint").first.click()
    page.locator("#endpoint-form select[name=type]").select_option(sort)
    page.locator("[name=code], [name='datasets.#']").first.wait_for(state="attached")
    page.locator("[name=name]").fill(name)


def ask_it(studio: Studio, endpoint: str, query: str, answer: str) -> None:
    """Test → the endpoint → a query, asked and kept."""
    page = studio.page
    studio.go(f"{PROJECT}/services/{SERVICE}/test?endpoint={endpoint}")
    page.locator("form[action*='/ask'] .cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(query)
    page.get_by_label("Keep it as a test query").check()
    press(page, "Ask")
    expect(page.get_by_text("1 of 1 answered")).to_be_visible(timeout=60_000)
    expect(page.locator("details[open]").first).to_contain_text(answer)


def asked(api: packages.RunningNode, features: dict[str, Any]) -> tuple[Any, str]:
    """Probabilities, and the generation that said so."""
    status, told = api.post(ASKED, {"features": features})
    assert status == 200
    return told["result"]["probas"], told["apiContext"]["serviceGeneration"]


@pytest.mark.requirement("D42", "D48", "D50", "D52", "D54", "D56", "D58")
def test_a_model_answers_live_is_tested_enriched_updated_rolled_back_and_shares_with_its_successor(
    studio: Studio, tmp_path: Path, api: packages.RunningNode
) -> None:
    node, page = studio.node, studio.page
    furnish(node, tmp_path)
    node.secrets.put("api", api.key)
    places = [{"url": api.url, "key": "secret:api"}]
    infrastructures.define(
        node, "live", {"type": "static_api_nodes", "stage": "Test", "nodes": places}, by="ann"
    )
    studio.log_in()

    studio.go(f"{PROJECT}/services")
    press(page, "New service")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Title").fill("Fraud detection")
    dialog.get_by_label("Answers with the model").select_option("authorized")
    press(dialog, "Make it")
    page.wait_for_url(f"**/services/{SERVICE}")
    page.locator(f"a[href$='/{SERVICE}/test']").first.click()
    page.get_by_label("Dataset").select_option("history")
    page.get_by_label("How many of the first rows").fill("3")
    press(page, "Make test queries")
    press(page, "Run test queries")
    expect(page.get_by_text("3 of 3 answered")).to_be_visible(timeout=60_000)
    beside_the_model(studio)

    version(studio, "v1")
    press(page, "Create")
    page.wait_for_url("**/settings")
    updated(studio, "Deploy")
    studio.go(f"/deployer/deployments/{SERVICE}-on-live/test")
    press(page, "Run all on every node")
    expect(page.locator("summary .state", has_text="200")).to_have_count(5)
    assert api.post(f"{SERVICE}/twice/run", {"n": 4})[1]["response"] == 8
    assert api.post(f"{SERVICE}/cards/lookup", {"data": KNOWN})[1]["results"][0]["data"].keys() >= {
        "card_age"
    }
    studio.picture("deploy-api-test")

    first = KNOWN
    whole = _first_row(tmp_path)
    answer, _ = asked(api, whole)
    assert asked(api, first)[0] != answer, "without the rest it is another purchase"
    studio.go(f"{PROJECT}/services/{SERVICE}/endpoints/{ENDPOINT}")
    _add(page, "enrichment")
    _add(page, "enrichment.0.keys")
    page.locator("[name='enrichment.0.keys.0.column']").fill("transaction_id")
    page.locator("[name='enrichment.0.dataset']").select_option("history")
    press(page, "Save")
    page.wait_for_url(f"**/services/{SERVICE}")
    version(studio, "v2")
    press(page, "Take v2")
    updated(studio)
    assert asked(api, first) == (pytest.approx(answer, abs=1e-6), "v2")

    studio.go(f"/deployer/deployments/{SERVICE}-on-live")
    expect(page.get_by_text("v2").first).to_be_visible()
    updated(studio, "Roll back", sure=True)
    assert asked(api, whole) == (pytest.approx(answer, abs=1e-6), "v1")

    datasets.select_files(node, KEY, "history", [HISTORY, APRIL], author="ann")
    jobs.build(node, KEY, ["authorized"], "only")
    assert asked(api, whole) == (pytest.approx(answer, abs=1e-6), "v1"), (
        "what was trained waits for a version"
    )
    version(studio, "v3")
    shares(studio, ("v1", "0.7"), ("v3", "0.3"))
    found = [asked(api, {**first, **whole}) for _ in range(60)]
    assert {generation for _, generation in found} == {"v1", "v3"}
    newer = next(told for told, generation in found if generation == "v3")
    assert newer != pytest.approx(answer, abs=1e-6)
    assert all(told == pytest.approx(answer if by == "v1" else newer, abs=1e-6) for told, by in found)
    shares(studio, ("v3", "1"))
    assert {asked(api, {**first, **whole})[1] for _ in range(10)} == {"v3"}
    assert studio.complaints == []


def shares(studio: Studio, *entries: tuple[str, str]) -> None:
    """Settings of the deployment → which versions answer, and how often → Update."""
    page, name = studio.page, "mapping.entries"
    studio.go(f"/deployer/deployments/{SERVICE}-on-live/settings")
    there = page.locator(f"[name^='{name}.'][name$='.generation']")
    while there.count() > len(entries):
        page.get_by_role("button", name="Remove", exact=True).last.click()
    while there.count() < len(entries):
        _add(page, name)
    for place, (generation, share) in enumerate(entries):
        page.locator(f"[name='{name}.{place}.generation']").select_option(generation)
        page.locator(f"[name='{name}.{place}.proba']").fill(share)
    press(page, "Save")
    page.wait_for_url(f"**/{SERVICE}-on-live")
    updated(studio)


def _add(page: Page, name: str) -> None:
    """One more item of a list in a form."""
    page.locator(f".listed:has(> [name='{name}.#']) > button[data-add]").click()
    page.locator(f"[name^='{name}.0.']").first.wait_for(state="attached")


def _first_row(folder: Path) -> dict[str, Any]:
    row = pyarrow.csv.read_csv(folder / "history.csv").slice(0, 1).to_pylist()[0]
    return {name: row[name] for name in ("card_age", "card_fico_score", "sector")}
