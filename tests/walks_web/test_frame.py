"""The frame in a real browser: log in, homes, patterns; light and dark; the keyboard; nothing blocked by the policy."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import expect

from penstock.core.job import BuildMode, Job, JobState
from penstock.runtime import recovery
from penstock.testing import a_project
from tests.walks_web.conftest import Studio


def test_somebody_logs_in_makes_a_project_and_looks_around(studio: Studio) -> None:
    page = studio.page
    studio.go("/")
    expect(page).to_have_url(re.compile("/login"))
    studio.picture("log in")
    studio.log_in()
    expect(page.get_by_role("heading", name="No projects yet")).to_be_visible()
    page.get_by_role("link", name="New project").last.click()
    page.get_by_label("Title").fill("Late flights")
    page.get_by_role("textbox", name="Key").fill("FLIGHTS")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", name="Late flights")).to_be_visible()
    expect(page.get_by_text("Project FLIGHTS is there.")).to_be_visible()
    page.get_by_label("Something to do").fill("Bring the flights of January")
    page.keyboard.press("Enter")
    expect(page.locator("#to-dos")).to_contain_text("Bring the flights of January")
    studio.picture("project home")
    page.locator("body").click()
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page).to_have_url(f"{studio.base}/")
    studio.picture("home")
    studio.no_complaints()


def test_the_search_box_opens_with_a_slash_and_finds_while_one_types(studio: Studio) -> None:
    a_project(studio.node, {"datasets/flights": {"type": "managed"}})
    studio.log_in()
    studio.page.locator("search-box:defined").wait_for()
    studio.page.keyboard.press("/")
    studio.page.get_by_role("searchbox", name="Search").fill("fli")
    expect(studio.page.locator(".found a")).to_contain_text("flights")
    studio.page.keyboard.press("Escape")
    studio.no_complaints()


def test_the_look_chosen_is_kept(studio: Studio) -> None:
    studio.log_in()
    root = studio.page.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    with studio.page.expect_response("**/me/theme"):
        studio.page.get_by_title("Light or dark").click()
    studio.go("/me")
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_every_pattern_is_drawn_and_nothing_is_blocked(studio: Studio) -> None:
    studio.log_in()
    studio.go("/patterns")
    expect(studio.page.locator("vega-chart svg").first).to_be_visible()
    assert studio.page.evaluate(
        "!!document.querySelector('code-editor').shadowRoot.querySelector('.cm-editor')"
    )
    expect(studio.page.locator("log-tail .warn").first).to_be_visible()
    studio.picture("patterns")
    studio.no_complaints()


def test_lists_of_a_form_grow_shrink_and_change_order(studio: Studio) -> None:
    page = studio.page
    studio.log_in()
    studio.go("/patterns/forms/recipes/group")
    keys = page.locator("[data-list='recipes-group.keys']")
    adder = keys.locator("xpath=following-sibling::button")
    for word in ("carrier", "dest"):
        adder.click()
        page.keyboard.type(word)
    keys.get_by_label("Up").nth(1).click()
    assert [i.input_value() for i in keys.locator("input").all()] == ["dest", "carrier"]
    assert keys.locator("input").first.get_attribute("name") == "recipes-group.keys.0"
    keys.get_by_label("Remove").first.click()
    assert keys.locator("input").first.get_attribute("name") == "recipes-group.keys.0"
    cells = page.locator("[data-list='recipes-group.aggregates']")
    cells.locator("xpath=following-sibling::button").click()
    expect(cells.locator("input[name='recipes-group.aggregates.0.column']")).to_be_visible()
    studio.no_complaints()


def test_the_fields_follow_the_type(studio: Studio) -> None:
    studio.log_in()
    studio.go("/patterns/forms/rules/metric_in_range")
    studio.page.locator("select[name='rules-metric_in_range.type']").select_option("column_unique")
    expect(studio.page.locator("input[name='rules-metric_in_range.column']")).to_be_visible()
    studio.no_complaints()


def test_what_one_started_is_seen_running_and_told_when_it_ends(studio: Studio) -> None:
    node = studio.node
    a_project(node)
    job = Job(
        id="build_flights_NP_1", project="DEMO", mode=BuildMode.REQUIRED, targets=("flights",), initiator="ann",
        created_at=node.clock.now(), state=JobState.RUNNING, started_at=node.clock.now(), owner=recovery.owner(),
    )  # fmt: skip
    node.runs.add_job(job)
    studio.log_in()
    expect(studio.page.locator("#running")).to_contain_text("1 running")
    node.runs.update_job(replace(job, state=JobState.FAILED, ended_at=node.clock.now()))
    expect(studio.page.locator("#toasts")).to_contain_text("Failed: flights in DEMO")
    expect(studio.page.locator("link[rel=icon]")).to_have_attribute("href", "/static/icon-failed.svg")
    expect(studio.page.locator("#running summary")).to_have_count(0)
    studio.no_complaints()


def test_good_news_leaves_by_itself_and_an_error_stays_until_it_is_closed(studio: Studio) -> None:
    studio.page.clock.install()
    studio.log_in()
    toasts = studio.page.locator("#toasts .toast-line")
    studio.page.evaluate(SAY, [["success", "Saved."], ["success", "Saved."], ["error", "Not sent."]])
    expect(toasts).to_have_text(["Saved.", "Not sent."])
    toasts.first.hover()
    studio.page.clock.run_for(30_000)
    expect(toasts).to_have_count(2)
    studio.page.mouse.move(5, 5)
    studio.page.clock.run_for(30_000)
    expect(toasts).to_have_text(["Not sent."])
    expect(toasts).to_have_attribute("role", "alert")
    toasts.get_by_label("Close").click()
    expect(toasts).to_have_count(0)
    studio.no_complaints()


SAY = """all => all.forEach(([level, text]) =>
    document.dispatchEvent(new CustomEvent("penstock:toast", {detail: {level, text}})))"""


def test_a_key_is_proposed_from_the_title_until_somebody_types_one(studio: Studio) -> None:
    studio.log_in()
    studio.go("/projects/new")
    title, key = studio.page.get_by_label("Title"), studio.page.get_by_label("Key", exact=True)
    title.fill("Flights 2013")
    expect(key).to_have_value("FLIGHTS_2013")
    key.fill("MINE")
    title.fill("Something else")
    expect(key).to_have_value("MINE")
