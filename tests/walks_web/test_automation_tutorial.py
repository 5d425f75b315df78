"""The second tutorial, clicked: a scenario retrains when a check fails, another one writes a mail when it warns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from penstock.core.node import Node
from penstock.runtime import connections, datasets, jobs, scenarios, training, users
from penstock.testing import KEY, a_project
from tests.sinks import Post, mail_server
from tests.walks_web.conftest import PASSWORD, Studio
from tests.walks_web.months import MAY, WATCHED, furnish

STORE = "mes_for_input_drift"
SCENARIOS = f"/projects/{KEY}/scenarios"
METRICS = f"/projects/{KEY}/evaluations/{STORE}/metrics"
CHECK = "Data Drift < 0.7"
FAILING = {
    "type": "numeric_range", "name": CHECK, "metric": "drift:DATA_DRIFT", "soft_maximum": 0.6, "maximum": 0.7,
}  # fmt: skip
SLOW = """
steps:
  - {type: python, name: First, code: "print('the first one is done')"}
  - {type: python, name: Long, code: "import time; print('it began', flush=True); time.sleep(120)"}
  - {type: python, name: Later, code: "print('never')"}
"""


@pytest.fixture
def tutorial(studio: Studio, node: Node, tmp_path: Path) -> Studio:
    """The month that drifted is there, and a check that will not like it."""
    stores = {**WATCHED, f"evaluations/{STORE}": {"checks": [FAILING]}}
    furnish(node, tmp_path, stores)
    datasets.select_files(node, KEY, "new_transactions", [MAY], author="ann")
    studio.log_in()
    return studio


@pytest.fixture
def post(node: Node) -> Iterator[Post]:
    """A mail server, known to the node as `office`."""
    with mail_server() as server:
        settings = {"type": "smtp", "host": "127.0.0.1", "port": server.port, "encryption": "none"}
        connections.define(node, "office", {**settings, "sender": "penstock@example.org"})
        yield server


def new(studio: Studio, name: str, title: str) -> None:
    """Scenarios → New scenario → its name."""
    page = studio.page
    studio.go(SCENARIOS)
    page.get_by_role("link", name="New scenario").first.click()
    page.get_by_label("Title").fill(title)
    page.locator("[name=name]").fill(name)
    page.get_by_role("button", name="Create scenario").click()
    page.wait_for_url(f"**/scenarios/{name}")


def step(studio: Studio, number: int, kind: str, name: str, item: str) -> None:
    """Add a step, name it, add the one object it is about."""
    page = studio.page
    page.get_by_text("Add a step").click()
    page.locator(f"[data-add-kind={kind}]").click()
    body = page.locator(f".step-body[data-step='{number}']")
    body.locator(f"[name='steps.{number}.name']").fill(name)
    body.locator(f"select[name='steps.{number}.items.0']").select_option(item)
    card = page.locator(f".step-card[data-step='{number}']")
    expect(card).to_contain_text(name)
    expect(card).to_contain_text(item)


def save(studio: Studio) -> None:
    studio.page.get_by_role("button", name="Save", exact=True).click()
    studio.page.get_by_text("Saved.", exact=True).wait_for()


def run(studio: Studio, name: str) -> None:
    """Run now, and watch the page of the run until it has ended."""
    page = studio.page
    studio.go(f"{SCENARIOS}/{name}")
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url(f"**/{name}/runs/*")
    page.get_by_role("button", name="Run again").wait_for()


def steps(studio: Studio) -> dict[str, str]:
    """What the page of a run says of each step."""
    found = studio.page.locator(".run-steps > li")
    told = {
        line.locator("strong").first.inner_text(): line.locator("svg[role=img], .sign [aria-label]").first
        for line in found.all()
    }
    return {name: sign.get_attribute("aria-label") or "" for name, sign in told.items()}


def limits(studio: Studio, soft: str, hard: str) -> None:
    """Change the limits of the check by its form."""
    page = studio.page
    studio.go(METRICS)
    page.get_by_role("link", name=CHECK).click()
    for field, value in (("soft_maximum", soft), ("maximum", hard)):
        page.locator(f"[name='{field}.value']").fill(value)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/metrics")


def the_retraining(studio: Studio) -> None:
    """Build the store, run its checks, train if that failed and forget that it did."""
    new(studio, "retrain_model", "Retrain Model")
    step(studio, 0, "build", "Build MES", STORE)
    step(studio, 1, "run_checks", "Run MES checks", STORE)
    step(studio, 2, "build", "Build model", "authorized")
    body = studio.page.locator(".step-body[data-step='2']")
    body.locator("select[name='steps.2.run_if']").select_option("some prior step failed")
    body.get_by_label("Reset failure").check()
    expect(studio.page.locator(".step-card.chosen")).to_contain_text("some prior step failed")
    studio.picture("tutorial-steps")
    save(studio)


@pytest.mark.requirement("A57", "A58", "A89")
def test_a_scenario_retrains_the_model_only_if_the_check_fails(tutorial: Studio) -> None:
    page, node = tutorial.page, tutorial.node
    the_retraining(tutorial)
    before = training.active(node, KEY, "authorized")
    run(tutorial, "retrain_model")
    tutorial.picture("tutorial-run")
    assert steps(tutorial) == {"Build MES": "Success", "Run MES checks": "Failed", "Build model": "Success"}
    assert "Success" in page.locator("#run-state .state").first.inner_text()
    shown = page.locator(".run-steps > li")
    whys = [line.locator(".small.muted").first.inner_text() for line in shown.all()]
    assert whys[0].startswith("Ran: No prior step failed.")
    assert whys[2].startswith("Ran: A prior step failed. Afterwards the run stood at Success")
    assert CHECK in shown.nth(1).inner_text(), "the checks step says which check failed"
    after = training.active(node, KEY, "authorized")
    assert after != before
    tutorial.go(f"/projects/{KEY}/models/authorized")
    expect(page.get_by_text("Logistic regression - v2").first).to_be_visible()
    tutorial.picture("tutorial-versions")

    limits(tutorial, "0.98", "0.99")
    run(tutorial, "retrain_model")
    assert steps(tutorial) == {"Build MES": "Success", "Run MES checks": "Success", "Build model": "Skipped"}
    assert "Success" in page.locator("#run-state .state").first.inner_text()
    assert "Skipped: " in shown.nth(2).inner_text()
    assert page.locator(".run-steps a", has_text="Job ").count() == 1, "only the store was built"
    tutorial.picture("tutorial-run-skipped")
    assert training.active(node, KEY, "authorized") == after
    assert len(training.versions(node, KEY, "authorized")) == 2
    assert tutorial.complaints == []


@pytest.mark.requirement("A83")
def test_a_mail_tells_that_the_check_of_a_scenario_warned(tutorial: Studio, post: Post) -> None:
    page = tutorial.page
    limits(tutorial, "0.6", "0.99")
    new(tutorial, "data_drift_monitor", "Data drift monitor")
    step(tutorial, 0, "build", "Build MES", STORE)
    step(tutorial, 1, "run_checks", "MES_Warn", STORE)
    save(tutorial)
    page.get_by_role("tab", name="Triggers & reporters").click()
    page.locator("step-list[data-family=reporters]").get_by_text("Add a reporter").click()
    page.locator("[data-add-kind=mail]").click()
    body = page.locator(".step-body[data-step='0']:has([name='reporters.0.type'])")
    body.locator("[name='reporters.0.name']").fill("Data drift warning")
    body.locator("input[name='reporters.0.to']").fill("ann@example.org")
    body.locator("[name='reporters.0.channel']").select_option("office")
    body.locator("[name='reporters.0.when']").fill("stepOutcome_MES_Warn == 'WARNING'")
    body.locator("[name='reporters.0.subject']").fill('Scenario "${scenarioName}" issued a warning')
    tutorial.picture("tutorial-reporter")
    save(tutorial)
    run(tutorial, "data_drift_monitor")
    assert steps(tutorial) == {"Build MES": "Success", "MES_Warn": "Warning"}
    told = page.locator("#run-reports")
    expect(told).to_contain_text("Data drift warning")
    assert "not sent" not in told.inner_text()
    tutorial.picture("tutorial-run-warned")
    assert post.envelopes == [["ann@example.org"]]
    assert post.mail["Subject"] == 'Scenario "Data drift monitor" issued a warning'

    limits(tutorial, "0.98", "0.99")
    run(tutorial, "data_drift_monitor")
    assert steps(tutorial) == {"Build MES": "Success", "MES_Warn": "Success"}
    expect(told).to_contain_text("not sent")
    assert len(post.mails) == 1
    assert tutorial.complaints == []


@pytest.fixture
def slow(studio: Studio) -> Studio:
    """A scenario of bob's whose second step takes for ever."""
    node = studio.node
    a_project(node, {"datasets/raw": {"type": "managed"}})
    users.add(node, "bob", name="Bob", admin=True, password=PASSWORD)
    node.projects.save(KEY, {"scenarios/slow.yaml": SLOW}, author="bob", message="Define slow")
    studio.log_in()
    return studio


@pytest.mark.requirement("A68", "A89")
def test_a_run_is_followed_live_its_log_is_loaded_and_it_is_aborted(slow: Studio) -> None:
    page, node = slow.page, slow.node
    slow.go(SCENARIOS)
    row = page.locator("#scenario-slow")
    switch = row.get_by_role("switch")
    assert "bob" in row.inner_text()
    for turned in ("false", "true"):
        switch.click()
        expect(switch).to_have_attribute("aria-checked", turned)
        page.wait_for_function(
            "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
        )
    assert re.search(r"(just now|seconds? ago)\s+by ann", row.inner_text(), re.IGNORECASE)
    assert scenarios.listed(node, KEY, "slow").run_as == "ann"
    row.get_by_role("button", name="Run").click()
    page.wait_for_url("**/slow/runs/*")
    long = page.locator(".run-steps > li", has_text="Long")
    expect(long).to_contain_text("Runs: ")
    page.wait_for_selector("log-tail:has-text('it began')")
    slow.picture("tutorial-run-live")
    with page.expect_download() as loaded:
        page.get_by_role("link", name="Full log").click()
    assert "the first one is done" in loaded.value.path().read_text()
    page.get_by_role("button", name="Abort").click()
    page.get_by_role("button", name="Run again").wait_for()
    assert "Aborted" in page.locator("#run-state .state").first.inner_text()
    assert steps(slow)["First"] == "Success"
    assert "Skipped: The run was aborted." in page.locator(".run-steps > li", has_text="Later").inner_text()
    slow.picture("tutorial-run-aborted")
    assert jobs.history(node, KEY) == []
    assert slow.complaints == []
