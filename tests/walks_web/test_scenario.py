"""The mission's scenario by clicking: build it, drag its steps, run it, watch it recover."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from penstock.core.node import Node
from penstock.runtime import scenarios
from penstock.testing import a_project, fill
from tests.walks_web.conftest import Studio
from tests.walks_web.test_accessible import AXE, serious_in_both_looks, told

LIST = "/projects/DEMO/scenarios"


def _project(node: Node) -> None:
    a_project(node, {"datasets/raw": {"type": "managed"}, "datasets/copied": {"type": "managed"}})
    a_project(node, {"recipes/copy": {"type": "sync", "input": "raw", "output": "copied"}})
    fill(node, "raw", n=[1, 2, 3])


def _add(studio: Studio, kind: str, number: int, name: str) -> None:
    page = studio.page
    page.locator("summary", has_text="Add a step").click()
    page.locator(f"[data-add-kind={kind}]").click()
    page.locator(f'[name="steps.{number}.name"]').fill(name)


@pytest.mark.requirement("A57")
@pytest.mark.requirement("A89")
def test_the_retrain_scenario_is_built_run_and_watched_by_clicking(studio: Studio) -> None:
    _project(studio.node)
    page = studio.page
    studio.log_in()
    studio.go(LIST)
    page.get_by_role("link", name="New scenario").first.click()
    page.get_by_label("Name", exact=True).fill("retrain_model")
    page.get_by_role("button", name="Create scenario").click()

    _add(studio, "python", 0, "Run MES checks")
    page.locator("#steps-0 .cm-content").click()
    page.keyboard.type("raise ValueError('drift')")
    _add(studio, "build", 1, "Build model")
    page.locator('select[name="steps.1.items.0"]').select_option("copied")
    page.locator('[name="steps.1.run_if"]:visible').select_option("some prior step failed")
    page.locator('input[type=checkbox][name="steps.1.reset_failure"]').check()
    _add(studio, "build", 2, "Build MES")
    page.locator('select[name="steps.2.items.0"]').select_option("copied")
    page.locator('[name="steps.2.name"]').focus()

    card = page.locator('.step-card[data-step="1"]')
    card.get_by_text("then forgets the failure").wait_for()
    page.locator('.step-card[data-step="2"]').get_by_text("Build MES").wait_for()
    page.locator('.step-card[data-step="2"]').drag_to(
        page.locator('.step-card[data-step="0"]'), target_position={"x": 60, "y": 4}
    )
    studio.picture("scenario-steps")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    labels = scenarios.definition(studio.node, "DEMO", "retrain_model").labels
    assert labels == ["Build MES", "Run MES checks", "Build model"]

    page.get_by_role("button", name="Run now").click()
    page.get_by_role("button", name="Run again").wait_for()
    steps = page.locator(".run-steps > li")
    expect(steps).to_have_count(3)
    expect(steps.nth(2)).to_contain_text("A prior step failed.")
    assert scenarios.history(studio.node, "DEMO", "retrain_model")[0].outcome == "SUCCESS"
    studio.picture("scenario-run")
    studio.no_complaints()


def test_a_step_is_copied_into_another_scenario_and_one_is_switched_off(studio: Studio) -> None:
    _project(studio.node)
    step = {"type": "build", "name": "Build", "items": ["copied"]}
    for name in ("one", "two"):
        scenarios.save(studio.node, "DEMO", name, {"steps": [step] if name == "one" else []}, author="ann")
    page = studio.page
    studio.log_in()
    studio.go(f"{LIST}/one")
    card = page.locator(".step-card").first
    card.locator("summary").click()
    card.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_text("Copied.").wait_for()
    card.locator("summary").click()
    card.get_by_role("button", name="Switch on or off").click()
    page.locator(".step-card.off").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert not scenarios.definition(studio.node, "DEMO", "one").steps[0].enabled

    studio.go(f"{LIST}/two")
    page.get_by_role("button", name="Paste").click()
    page.locator(".step-card").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert scenarios.definition(studio.node, "DEMO", "two").labels == ["Build"]

    studio.go(LIST)
    switch = page.locator("#scenario-two [role=switch]")
    switch.click()
    page.locator('#scenario-two [role=switch][aria-checked="true"]').wait_for()
    assert scenarios.definition(studio.node, "DEMO", "two").active
    studio.no_complaints()


@pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed; `python ops/assets.py --check` installs it"
)
def test_the_pages_of_a_scenario_have_no_serious_finding(studio: Studio) -> None:
    _project(studio.node)
    steps = [
        {"type": "build", "name": "Build", "items": ["copied"]},
        {"type": "run_checks", "name": "Off", "items": ["copied"], "enabled": False},
        {"type": "define_variables", "name": "Note", "values": {"a": 1}, "run_if": "some prior step failed"},
    ]
    trigger = {"type": "time", "every": "1 day", "at": "07:00"}
    reporter = {"type": "mail", "to": "ann@example.org", "when": "outcome == 'FAILED'"}
    scenarios.save(
        studio.node, "DEMO", "one", {"steps": steps, "triggers": [trigger], "reporters": [reporter]},
        author="ann",
    )  # fmt: skip
    run = scenarios.run_and_wait(studio.node, "DEMO", "one", by="ann")
    studio.log_in()
    found: dict[str, list[str]] = {}
    for path in ("", "/new", "/one", "/one/settings", "/one/rehearsal", "/one/runs", f"/one/runs/{run.id}"):
        found |= serious_in_both_looks(studio, LIST + path)
    assert not found, told(found)
    studio.no_complaints()
