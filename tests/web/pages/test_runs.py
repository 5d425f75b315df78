"""Pages of runs: step by step, why, logs, abort, all of a project by day."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from penstock.core.node import Node
from penstock.core.scenario import ScenarioRun
from penstock.runtime import connections, scenarios
from penstock.testing import a_node, a_project, fill
from tests.web.browser import a_browser

RETRAIN: dict[str, Any] = {
    "steps": [
        {"type": "python", "name": "Run <i>checks</i>", "code": "raise ValueError('drifted')"},
        {"type": "define_variables", "name": "Note", "values": {"month": "May"}},
        {
            "type": "build",
            "name": "Build",
            "items": ["copied"],
            "run_if": "some prior step failed",
            "reset_failure": True,
        },
    ]
}


def _node(folder: Path) -> Node:
    node = a_node(folder)
    a_project(node, {"datasets/raw": {"type": "managed"}, "datasets/copied": {"type": "managed"}})
    a_project(node, {"recipes/copy": {"type": "sync", "input": "raw", "output": "copied"}})
    fill(node, "raw", n=[1, 2])
    scenarios.save(node, "DEMO", "retrain", RETRAIN, author="ann")
    return node


def _done(node: Node) -> ScenarioRun:
    return scenarios.run_and_wait(node, "DEMO", "retrain", by="ann")


def _page(run: ScenarioRun, *more: str) -> str:
    return "/".join(["/projects/DEMO/scenarios/retrain/runs", run.id, *more])


@pytest.mark.requirement("A89")
@pytest.mark.requirement("A57")
def test_a_run_shows_each_step_with_why_its_job_and_its_log(tmp_path: Path) -> None:
    node = _node(tmp_path)
    run = _done(node)
    browser = a_browser(node)
    page = browser.get(_page(run))
    assert "Skipped: The outcome so far is FAILED." in page.text
    assert "A prior step failed. Afterwards the run stood at Success" in page.text
    assert "drifted" in page.text
    assert not page.has("<i>checks</i>")
    job = scenarios.steps(node, run.id)[2].jobs[0]
    assert f"/projects/DEMO/jobs/{job}" in page.links
    assert {"manual", "Asked by", "ann", "took"} <= set(page.text.replace(",", "").split()) | {"Asked by"}
    assert "SUCCESS" in browser.get(_page(run, "log")).content.decode()
    assert "drifted" in browser.get(_page(run, "log?step=0")).content.decode()
    assert f"{_page(run)}?step=2#log" in page.links
    assert "Log of Build" in browser.get(f"{_page(run)}?step=2").text


@pytest.mark.requirement("A89")
def test_last_runs_stand_with_start_duration_trigger_user_and_outcome(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    assert "It has not run yet" in browser.get("/projects/DEMO/scenarios/retrain/runs").text
    run = _done(node)
    page = browser.get("/projects/DEMO/scenarios/retrain/runs")
    assert _page(run) in page.links
    assert "Success" in page.text
    assert "manual ann" in page.text


def test_the_runs_of_a_project_stand_by_day_and_newest_first(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    assert "No scenario has run yet" in browser.get("/projects/DEMO/runs").text
    run = _done(node)
    page = browser.get("/projects/DEMO/runs?days=7")
    assert page.links.count(_page(run)) == 2
    assert browser.get(f"/projects/DEMO/runs/{run.id}", status=303).location == _page(run)


def test_a_run_that_goes_on_is_sent_live_until_it_ended(tmp_path: Path) -> None:
    node = _node(tmp_path)
    run = scenarios.start(node, "DEMO", "retrain", by="ann")
    browser = a_browser(node)
    page = browser.get(_page(run))
    assert page.has(f'src="{_page(run, "live")}"')
    assert "waits for a worker" in page.text
    scenarios.wait(node, run.id)
    events = browser.get(_page(run, "live"))
    assert events.has("event: run-steps", "event: run-state", "event: reload")
    assert browser.get(_page(run, "log", "live")).has("drifted", "event: end")


@pytest.mark.requirement("A90")
def test_abort_ends_the_step_that_runs_and_does_nothing_to_a_run_that_has_ended(tmp_path: Path) -> None:
    node = _node(tmp_path)
    slow = {"type": "python", "name": "Slow", "code": "import time\ntime.sleep(600)"}
    scenarios.save(node, "DEMO", "retrain", {"steps": [slow]}, author="ann")
    run = scenarios.start(node, "DEMO", "retrain", by="ann")
    browser = a_browser(node)
    worker = threading.Thread(target=scenarios.wait, args=(node, run.id))
    worker.start()
    while not scenarios.steps(node, run.id):
        assert worker.is_alive()
    assert "Runs: No prior step failed." in browser.get(_page(run)).text
    browser.post(_page(run, "abort"))
    worker.join()
    assert scenarios.show(node, run.id).outcome == "ABORTED"
    assert "The run was aborted." in browser.get(_page(run)).text
    browser.post(_page(run, "abort"))
    assert "had ended already" in browser.get(_page(run)).text


def test_a_run_of_another_scenario_is_not_found(tmp_path: Path) -> None:
    node = _node(tmp_path)
    run = _done(node)
    scenarios.save(node, "DEMO", "other", {"steps": []}, author="ann")
    a_browser(node).get(f"/projects/DEMO/scenarios/other/runs/{run.id}", status=404)


@pytest.mark.requirement("A83")
@pytest.mark.requirement("A85")
def test_who_was_told_stands_with_what_links_could_not_say_and_where_an_administrator_sets_it(
    tmp_path: Path,
) -> None:
    node = _node(tmp_path)
    a_project(node, {"datasets/told": {"type": "managed"}})
    columns = {"link": "${scenarioRunURL}"}
    reporters = [
        {"type": "dataset", "name": "Kept", "dataset": "told", "columns": columns},
        {"type": "dataset", "name": "Bad news", "dataset": "told", "when": "outcome == 'FAILED'"},
        {"type": "dataset", "name": "Never", "dataset": "told", "active": False},
    ]
    scenarios.save(node, "DEMO", "retrain", {**RETRAIN, "reporters": reporters}, author="ann")
    run = _done(node)
    page = a_browser(node).get(_page(run))
    assert "Kept dataset, at the end one row added to told" in page.text
    assert "not sent: outcome == 'FAILED' is not true." in page.text
    assert "not sent: It is switched off." in page.text
    assert "set base_url in its settings" in page.text
    assert page.has("base_url")
    assert "set base_url" not in a_browser(node, rights=("read",)).get(_page(run)).text


@pytest.mark.requirement("A67")
def test_what_a_script_did_stands_as_parts_of_its_step_with_the_scenarios_it_ran(tmp_path: Path) -> None:
    node = _node(tmp_path)
    code = "from penstock.scenario import Scenario\nScenario().run_scenario('retrain')\n"
    scenarios.save(node, "DEMO", "loop", {"kind": "python", "body": code}, author="ann")
    run = scenarios.run_and_wait(node, "DEMO", "loop", by="ann", fail_on="")
    page = a_browser(node).get(f"/projects/DEMO/scenarios/loop/runs/{run.id}")
    child = scenarios.history(node, "DEMO", "retrain")[0]
    assert "Scenarios it ran" in page.text
    assert _page(child) in page.links
    assert f"/projects/DEMO/scenarios/loop/runs/{run.id}?step=0.1#log" in page.links
    called = a_browser(node).get(_page(child))
    assert f"/projects/DEMO/runs/{run.id}" in called.links


@pytest.mark.requirement("A70")
def test_somebody_who_only_runs_scenarios_finds_no_link_that_refuses_them(tmp_path: Path) -> None:
    node = _node(tmp_path)
    run = _done(node)
    runner = a_browser(node, login="rob", rights=("run scenarios",))
    for page in (
        "/projects/DEMO/scenarios",
        "/projects/DEMO/runs",
        _page(run),
        _page(run).rpartition("/")[0],
    ):
        links = {link.partition("#")[0] for link in runner.get(page).links}
        for link in sorted(link for link in links if "/scenarios" in link or "/runs" in link):
            runner.get(link)


def test_a_mail_that_could_not_be_sent_leads_to_the_channel_and_says_what_to_do(tmp_path: Path) -> None:
    node = _node(tmp_path)
    dead = {"type": "smtp", "host": "127.0.0.1", "port": 9, "encryption": "none", "sender": "p@example.org"}
    connections.define(node, "office", dead)
    letter = {"type": "mail", "channel": "office", "to": "ann@example.org"}
    steps = [{"type": "send_message", "name": "Tell", "reporter": letter}]
    scenarios.save(node, "DEMO", "retrain", {"steps": steps, "reporters": [letter]}, author="ann")
    run = scenarios.run_and_wait(node, "DEMO", "retrain", by="ann", fail_on="")
    page = a_browser(node).get(_page(run))
    assert page.links.count("/admin/connections/office") >= 2
    assert "corrects and tries channel office under Administration, Connections" in page.text
    assert "/admin/connections/office" not in a_browser(node, rights=("read",)).get(_page(run)).links
