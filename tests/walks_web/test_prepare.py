"""A Prepare recipe written by clicking: steps from a column's menu and from the list, seen at once, moved, saved."""

from __future__ import annotations

from playwright.sync_api import expect

from penstock.runtime import projects
from penstock.testing import a_project, fill
from tests.walks_web.conftest import Studio


def _begin(studio: Studio) -> None:
    a_project(studio.node, {"datasets/raw": {"type": "managed"}, "datasets/clean": {"type": "managed"}})
    fill(studio.node, "raw", city=[" Ulm", "Bonn", None], size=[1.26, 2.0, 3.5])
    a_project(studio.node, {"recipes/tidy": {"type": "prepare", "input": "raw", "output": "clean"}})
    studio.log_in()
    studio.go("/projects/DEMO/recipes/tidy")


def _steps(studio: Studio) -> list[str]:
    found = projects.show(studio.node, "DEMO").recipe("tidy").to_mapping()["steps"]
    return [step["type"] for step in found]


def test_steps_are_added_seen_moved_and_saved(studio: Studio) -> None:
    _begin(studio)
    page = studio.page
    page.get_by_role("button", name="city").click()
    page.locator(".column-menu:popover-open").get_by_text("Write in capitals").click()
    page.get_by_role("cell", name="BONN", exact=True).wait_for()
    expect(page.locator("td.changed")).to_have_count(2)

    page.get_by_role("button", name="Add a step").click()
    page.get_by_placeholder("Find a step").fill("formula")
    page.keyboard.press("Enter")
    page.locator('[name="steps.1.column"]').fill("double")
    page.locator('[name="steps.1.formula"]').fill("size *")
    page.locator(".step.bad").wait_for()
    page.locator('[name="steps.1.formula"]').fill("size * 2")
    page.locator("th.fresh", has_text="double").wait_for()
    expect(page.locator(".step.bad")).to_have_count(0)

    page.locator(".step").nth(1).get_by_role("button", name="Up", exact=True).click()
    page.locator('[name="steps.0.formula"]').wait_for(state="attached")
    page.locator(".step").nth(0).get_by_label("Show the rows after this step").click()
    page.get_by_text("After step 1").wait_for()
    page.get_by_role("cell", name="Bonn", exact=True).wait_for()

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert _steps(studio) == ["formula", "string_transform"]
    studio.no_complaints()


def test_a_step_is_duplicated_switched_off_and_removed(studio: Studio) -> None:
    _begin(studio)
    page = studio.page
    page.get_by_role("button", name="size").click()
    page.locator(".column-menu:popover-open").get_by_text("Round").click()
    page.get_by_role("cell", name="1", exact=True).first.wait_for()
    page.locator('[name="steps.0.decimals"]').fill("1")
    page.get_by_role("button", name="Duplicate").click()
    page.locator('[name="steps.1.decimals"]').wait_for(state="attached")
    assert page.locator('[name="steps.1.decimals"]').input_value() == "1"
    page.locator(".step").nth(0).get_by_label("Switched on").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    first, second = projects.show(studio.node, "DEMO").recipe("tidy").to_mapping()["steps"]
    assert (first["disabled"], "disabled" in second) == (True, False)
    page.locator(".step > .tools").nth(0).get_by_label("Remove").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    page.locator('[name="steps.1.type"]').wait_for(state="detached")
    assert _steps(studio) == ["round"]
    studio.no_complaints()
