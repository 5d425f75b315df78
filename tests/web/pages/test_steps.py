"""The steps of a scenario in the studio: cards, forms, save, conflict, pieces, rehearsal; scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.node import Node
from penstock.runtime import scenarios
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser

PAGE = "/projects/DEMO/scenarios/retrain"
PIECES = f"{PAGE}/pieces/steps"
STEPS: list[dict[str, Any]] = [
    {"type": "build", "name": "Build MES", "items": ["raw"]},
    {"type": "run_checks", "name": "Run checks", "items": ["raw"]},
    {
        "type": "build", "name": "Build model", "items": ["raw"], "run_if": "some prior step failed",
        "reset_failure": True, "enabled": False, "retries": 3,
    },
]  # fmt: skip


def _node(folder: Path, **settings: Any) -> Node:
    node = a_node(folder)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    scenarios.save(node, "DEMO", "retrain", {"steps": STEPS, **settings}, author="ann")
    return node


def _saved(node: Node) -> list[dict[str, Any]]:
    return [dict(step.to_mapping()) for step in scenarios.definition(node, "DEMO", "retrain").steps]


def test_each_card_says_in_words_when_its_step_runs(tmp_path: Path) -> None:
    node = _node(tmp_path)
    page = a_browser(node).get(PAGE)
    assert "Build MES Build: raw runs if no prior step failed" in page.text
    steps = [{**STEPS[2], "enabled": True, "name": "<b>Build</b>"}]
    scenarios.save(node, "DEMO", "retrain", {"steps": steps}, author="ann")
    page = a_browser(node).get(PAGE)
    assert "runs if some prior step failed, then forgets the failure" in page.text
    assert not page.has("<b>Build</b>")


@pytest.mark.requirement("A62")
def test_saving_what_was_opened_changes_nothing_and_a_step_switched_off_keeps_its_settings(
    tmp_path: Path,
) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    before = _saved(node)
    assert browser.post(PAGE, browser.get(PAGE).form_values("steps-form")).location == PAGE
    assert _saved(node) == before
    browser.post(PAGE, {**browser.get(PAGE).form_values("steps-form"), "steps.2.enabled": "yes"})
    assert _saved(node)[2] == {k: v for k, v in STEPS[2].items() if k != "enabled"}


def test_the_order_of_the_cards_is_the_order_of_the_steps_and_a_card_that_is_gone_is_no_step(
    tmp_path: Path,
) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(PAGE, {**browser.get(PAGE).form_values("steps-form"), "steps.order": ["2", "0"]})
    assert [step["name"] for step in _saved(node)] == ["Build model", "Build MES"]


def test_what_is_wrong_stands_at_its_step_and_everything_typed_is_kept(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    values = {
        **browser.get(PAGE).form_values("steps-form"),
        "steps.0.items.0": "nope", "steps.1.name": "Typed", "steps.order": ["1", "0", "2"],
    }  # fmt: skip
    page = browser.post(PAGE, values, status=422)
    assert page.has("There is no object", "step-card flawed", 'value="Typed"')
    again = page.form_values("steps-form")
    assert (again["steps.0.name"], again["steps.1.items.0"]) == ("Typed", "nope")
    assert [step["name"] for step in _saved(node)] == ["Build MES", "Run checks", "Build model"]


@pytest.mark.requirement("A63")
def test_a_condition_that_is_no_formula_is_refused_at_its_step(tmp_path: Path) -> None:
    node = _node(tmp_path)
    run_if = {"condition": "stepOutcome_Build_MES == 'SUCCESS' || outcome =="}
    piece = a_browser(node).post(
        PIECES, {"number": "9", "values": json.dumps({**STEPS[1], "run_if": run_if})}
    )
    assert piece.has("flawed")
    assert "A value is missing here" in piece.text


def test_a_save_of_somebody_else_is_not_lost(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    opened = browser.get(PAGE).form_values("steps-form")
    scenarios.save(node, "DEMO", "retrain", {"steps": STEPS[:1]}, author="zoe")
    page = browser.post(PAGE, {**opened, "steps.0.name": "Mine"}, status=409)
    assert "zoe saved this scenario after you opened it" in page.text
    assert page.has('value="Mine"')
    assert len(_saved(node)) == 1


@pytest.mark.parametrize("type", sorted(registry.names("steps")))
def test_every_kind_of_step_is_offered_and_comes_as_a_card_with_its_form(type: str, tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    assert browser.get(PAGE).has(f'data-add-kind="{type}"')
    piece = browser.post(PIECES, {"number": "7", "type": type})
    assert piece.has('data-step="7"', f'name="steps.7.type" value="{type}"', "When it runs")


def test_a_step_is_added_without_scripts_too(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    page = browser.post(PAGE, {**browser.get(PAGE).form_values("steps-form"), "add": "run_checks"})
    values = page.form_values("steps-form")
    browser.post(PAGE, {**values, "steps.3.name": "Again", "steps.3.items.0": "raw"})
    assert _saved(node)[3] == {"type": "run_checks", "name": "Again", "items": ["raw"]}


def test_a_step_is_copied_as_values_and_pasted_as_a_card(tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    form = browser.get(PAGE).form_values("steps-form")
    copied = browser.post(PIECES, {**form, "number": "1", "as": "values"})
    assert json.loads(copied.html) == STEPS[1]
    assert "Run checks" in browser.post(PIECES, {"number": "5", "values": copied.html}).text
    browser.post(PIECES, {"number": "5", "values": "[1]"}, status=422)
    browser.post(PIECES, {"number": "5", "values": '{"type": "time"}'}, status=404)
    browser.post(f"{PAGE}/pieces/body", {"number": "5", "type": "build"}, status=422)


def test_a_scenario_without_steps_says_what_they_are_for(tmp_path: Path) -> None:
    node = _node(tmp_path)
    scenarios.save(node, "DEMO", "retrain", {}, author="ann")
    assert "No step yet" in a_browser(node).get(PAGE).text
    assert "No step yet" in a_browser(node).get(f"{PAGE}/rehearsal").text


def test_a_script_is_edited_and_one_that_python_would_not_read_is_refused(tmp_path: Path) -> None:
    node = _node(tmp_path)
    scenarios.save(node, "DEMO", "loop", {"kind": "python", "body": "print(1)\n"}, author="ann")
    browser = a_browser(node)
    page = "/projects/DEMO/scenarios/loop"
    values = browser.get(page).form_values("steps-form")
    assert values["body"] == "print(1)\n"
    browser.post(page, {**values, "body": "print(2)\r\n"})
    assert scenarios.definition(node, "DEMO", "loop").body == "print(2)\n"
    values = browser.get(page).form_values("steps-form")
    assert "Line 1 of the script" in browser.post(page, {**values, "body": "print("}, status=422).text
    assert "known only when it runs" in browser.get(f"{page}/rehearsal").text


def test_saved_and_run_at_once(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    answer = browser.post(PAGE, {**browser.get(PAGE).form_values("steps-form"), "run": "yes"})
    assert answer.location == f"{PAGE}/runs/{scenarios.history(node, 'DEMO', 'retrain')[0].id}"


def test_a_rehearsal_says_which_steps_would_run_and_how_it_would_end(tmp_path: Path) -> None:
    steps = [*STEPS[:2], {**STEPS[2], "enabled": True}]
    node = _node(tmp_path)
    scenarios.save(node, "DEMO", "retrain", {"steps": steps}, author="ann")
    browser = a_browser(node)
    assert "Skipped: No prior step failed." in browser.get(f"{PAGE}/rehearsal").text
    recovered = browser.get(f"{PAGE}/rehearsal?o1=FAILED").text
    assert "Runs: A prior step failed." in recovered
    assert "The run would end Success" in recovered
    assert "The run would end Failed" in browser.get(f"{PAGE}/rehearsal?o1=FAILED&o2=FAILED").text
    browser.get(f"{PAGE}/rehearsal?o1=SILLY", status=422)


def test_readers_see_the_steps_and_change_nothing(tmp_path: Path) -> None:
    node = _node(tmp_path)
    reader = a_browser(node, rights=("read",))
    page = reader.get(PAGE)
    assert "Build MES" in page.text
    assert not page.has("Add a step")
    reader.post(PAGE, {"steps.order": []}, status=403)


def test_a_scenario_whose_file_is_broken_says_so_and_leads_to_its_history(tmp_path: Path) -> None:
    node = _node(tmp_path)
    file = node.projects.path("DEMO") / "scenarios/retrain.yaml"
    file.write_text("steps: {", encoding="utf-8")
    assert "Its file cannot be read" in a_browser(node).get(PAGE).text


def test_a_new_step_is_named_after_its_kind_and_a_message_is_sent_whatever_happened(tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    made = browser.post(PIECES, {"type": "run_checks", "number": "3", "taken": "Run checks\nBuild"})
    assert made.has('name="steps.3.name" value="Run checks 2"')
    told = browser.post(PIECES, {"type": "send_message", "number": "4", "taken": ""})
    assert told.has('name="steps.4.name" value="Send message"', '<option value="always" selected>')


def test_whoever_only_reads_is_told_that_nothing_can_be_changed(tmp_path: Path) -> None:
    node = _node(tmp_path)
    for page in (PAGE, f"{PAGE}/settings"):
        assert "look at this, not change it" in a_browser(node, rights=("read",)).get(page).text
        assert "look at this, not change it" not in a_browser(node).get(page).text
