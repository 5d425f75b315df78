"""Triggers, reporters and run-as of a scenario in the studio; triggers and reporters tried before they are saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.node import Node
from penstock.runtime import scenarios, users
from penstock.testing import a_node, a_project, fill, rows
from tests.web.browser import a_browser

PAGE = "/projects/DEMO/scenarios/nightly"
SETTINGS = f"{PAGE}/settings"
WEEKLY = {"type": "time", "name": "Weekly", "every": "1 week", "on": ["monday"], "at": "07:00", "zone": "UTC"}
NOTED = {"type": "dataset", "name": "Noted", "dataset": "runs", "columns": {"said": "it ended ${outcome}"}}


def _node(folder: Path, **more: Any) -> Node:
    node = a_node(folder)
    a_project(node, {"datasets/raw": {"type": "managed"}, "datasets/runs": {"type": "managed"}})
    fill(node, "raw", n=[1, 2])
    scenarios.save(
        node, "DEMO", "nightly", {"triggers": [WEEKLY], "reporters": [NOTED], **more}, author="ann"
    )
    return node


def test_triggers_and_reporters_stand_in_words_and_saving_them_changes_nothing(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    before = scenarios.definition(node, "DEMO", "nightly")
    page = browser.get(SETTINGS)
    assert "every week on Monday at 07:00 (UTC)" in page.text
    assert "Noted Dataset at the end" in page.text
    assert browser.post(SETTINGS, page.form_values("settings-form")).location == SETTINGS
    assert scenarios.definition(node, "DEMO", "nightly") == before


def test_a_scenario_without_triggers_and_reporters_says_what_they_do(tmp_path: Path) -> None:
    node = _node(tmp_path, triggers=[], reporters=[])
    page = a_browser(node).get(SETTINGS)
    assert "Only people start it" in page.text
    assert "a reporter writes a mail" in page.text


def test_what_is_wrong_stands_at_its_trigger_and_nothing_is_saved(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    values = {
        **browser.get(SETTINGS).form_values("settings-form"),
        "triggers.0.every": "8 foos",
        "title": "Typed",
    }
    page = browser.post(SETTINGS, values, status=422)
    assert page.has("step-card flawed", 'value="Typed"', "is no interval")
    assert scenarios.definition(node, "DEMO", "nightly").title == ""


def test_what_node_lacks_for_a_reporter_is_said_on_its_card(tmp_path: Path) -> None:
    node = _node(tmp_path, reporters=[{"type": "mail", "to": "a@example.org"}])
    assert "There is no channel of type smtp on this node." in a_browser(node).get(SETTINGS).text


@pytest.mark.requirement("A69")
def test_only_an_administrator_is_asked_for_and_may_set_as_whom_it_runs(tmp_path: Path) -> None:
    node = _node(tmp_path)
    users.add(node, "robot")
    writer = a_browser(node, login="wil", rights=("write",))
    page = writer.get(SETTINGS)
    assert "Only an administrator chooses somebody else" in page.text
    assert not page.has('name="run_as"')
    writer.post(SETTINGS, {**page.form_values("settings-form"), "run_as": "robot"}, status=403)
    boss = a_browser(node)
    boss.post(SETTINGS, {**boss.get(SETTINGS).form_values("settings-form"), "run_as": "robot"})
    assert "robot , whom an administrator chose" in boss.get(SETTINGS).text
    kept = writer.get(SETTINGS).form_values("settings-form")
    writer.post(SETTINGS, {**kept, "title": "Mine"})
    assert scenarios.definition(node, "DEMO", "nightly").run_as == "robot"


@pytest.mark.requirement("A75")
def test_a_trigger_by_time_says_its_next_five_times_before_it_is_saved(tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    values = browser.get(SETTINGS).form_values("settings-form")
    shown = browser.post(f"{PAGE}/triggers/preview?number=0", {**values, "triggers.0.every": "2 weeks"})
    assert "Starts every 2 weeks on Monday at 07:00 (UTC)." in shown.text
    assert shown.text.count(" 07:00 ") == 6
    wrong = browser.post(f"{PAGE}/triggers/preview?number=0", {**values, "triggers.0.every": "soon"})
    assert "is no interval" in wrong.text


@pytest.mark.requirement("A80")
def test_a_script_of_a_trigger_is_tried_and_starts_nothing(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    trigger = {"triggers.0.type": "python", "triggers.0.check": "60"}
    fire = "from penstock.scenario import Trigger\nTrigger().fire({'month': 'May'})"
    fired = browser.post(f"{PAGE}/triggers/try?number=0", {**trigger, "triggers.0.code": fire})
    assert "It would start the scenario now." in fired.text
    assert "scenarioTriggerParam_month May" in fired.text
    silent = browser.post(f"{PAGE}/triggers/try?number=0", {**trigger, "triggers.0.code": "pass"})
    assert "would not start" in silent.text
    failed = browser.post(f"{PAGE}/triggers/try?number=0", {**trigger, "triggers.0.code": "1 / 0"})
    assert "ZeroDivisionError" in failed.text
    assert scenarios.history(node, "DEMO", "nightly") == []
    writer = a_browser(node, login="wil", rights=("write",))
    writer.post(f"{PAGE}/triggers/try?number=0", {**trigger, "triggers.0.code": fire}, status=403)


def test_a_query_of_a_trigger_is_tried(tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    trigger = {"triggers.0.type": "sql_changed", "triggers.0.query": "SELECT max(n) FROM raw"}
    assert "would not start" in browser.post(f"{PAGE}/triggers/try?number=0", trigger).text
    wrong = {**trigger, "triggers.0.query": "SELECT max(nope) FROM raw"}
    assert "The look failed" in browser.post(f"{PAGE}/triggers/try?number=0", wrong).text


@pytest.mark.parametrize("family", ["triggers", "reporters"])
def test_every_kind_is_offered_and_comes_with_its_form(family: str, tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    page = browser.get(SETTINGS)
    for type in registry.names(family):
        assert page.has(f'data-add-kind="{type}"')
        assert browser.post(f"{PAGE}/pieces/{family}", {"number": "3", "type": type}).has('data-step="3"')
    added = browser.post(SETTINGS, {**page.form_values("settings-form"), "add": min(registry.names(family))})
    assert added.has(f'name="{family}.1.type"')


def test_a_mail_is_drafted_on_the_values_of_the_last_run_and_nothing_is_sent(tmp_path: Path) -> None:
    step = {"type": "define_variables", "name": "Note", "values": {"month": "<b>May</b>"}}
    node = _node(tmp_path, steps=[step], triggers=[], reporters=[])
    browser = a_browser(node)
    mail = {
        "reporters.0.type": "mail", "reporters.0.to.?": "0", "reporters.0.to": "a@example.org",
        "reporters.0.subject": "It ended ${outcome} for ${month}", "reporters.0.body": "Say ${stepOutcome_Note}",
    }  # fmt: skip
    first = browser.post(f"{PAGE}/reporters/preview?number=0", mail)
    assert "It has not run yet" in first.text
    run = scenarios.run_and_wait(node, "DEMO", "nightly", by="ann")
    drafted = browser.post(f"{PAGE}/reporters/preview?number=0", mail)
    assert "It ended SUCCESS for <b>May</b>" in drafted.text
    assert not drafted.has("<b>May</b>")
    assert "Say SUCCESS" in drafted.text
    assert f"{PAGE}/runs/{run.id}" in drafted.links
    assert "channel" in drafted.text


def test_a_test_is_sent_and_a_draft_is_not(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    values = browser.get(SETTINGS).form_values("settings-form")
    drafted = browser.post(f"{PAGE}/reporters/preview?number=0", values)
    assert "it ended SUCCESS" in drafted.text
    assert "one row added to runs" in browser.post(f"{PAGE}/reporters/try?number=0", values).text
    assert [row["said"] for row in rows(node, "runs")] == ["it ended SUCCESS"]
