"""Dashboards, clicked: the tiles of the tutorial on the default dashboard, moved about, saved, seen after reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from penstock.runtime import dashboards, scenarios
from penstock.testing import KEY
from tests.kinds.tiles.shown import furnished
from tests.walks_web.conftest import Studio, fill_in
from tests.walks_web.test_accessible import AXE, serious

DEFAULT = f"/projects/{KEY}/dashboards/default"


def add(studio: Studio, kind: str, **fields: str) -> None:
    """Add tile, choose the kind, fill in its form, show it."""
    page = studio.page
    before = page.locator(".grid-stack-item").count()
    page.get_by_role("button", name="Add tile").click()
    page.locator(f"[data-add={kind}]").click()
    for name, value in fields.items():
        fill_in(page.locator(f"[data-tile-form] [name={name}]").first, value)
    page.locator("[data-tile-form]").get_by_role("button", name="Show it").click()
    expect(page.locator(".grid-stack-item")).to_have_count(before + 1)


@pytest.mark.requirement("A94", "M55")
def test_the_default_dashboard_gets_the_three_tiles_of_the_tutorial_by_clicking(studio: Studio) -> None:
    furnished(studio.node)
    scenarios.run_and_wait(studio.node, KEY, "retrain")
    studio.log_in()
    page = studio.page
    studio.go(f"/projects/{KEY}/dashboards")
    page.get_by_role("link", name="Default dashboard").click()
    page.get_by_role("link", name="Add the first tile").click()
    add(studio, "metric", item="mes", metric="Data Drift")
    page.get_by_role("button", name="Copy Data Drift of mes", exact=True).click()
    expect(page.locator(".grid-stack-item")).to_have_count(2)
    page.locator("[data-do=edit]").nth(1).click()
    page.locator("[data-tile-form] [name=show]").select_option("history")
    page.locator("[data-tile-form]").get_by_role("button", name="Show it").click()
    page.wait_for_selector("vega-chart svg")
    add(studio, "scenario_runs", scenario="retrain")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(lambda url: url.endswith("/default"))
    page.reload()
    page.wait_for_selector("vega-chart svg")
    expect(page.locator(".tile")).to_have_count(3)
    expect(page.locator(".tile-figure .value")).to_have_text("0.65")
    expect(page.locator(".tile-scenario_runs")).to_contain_text("Success")
    assert studio.complaints == []
    studio.picture("dashboard")


def test_a_tile_is_dragged_beside_another_and_stays_there(studio: Studio) -> None:
    furnished(studio.node)
    words = [
        {"type": "text", "id": name, "markdown": name, "place": {"top": top}}
        for name, top in (("a", 0), ("b", 8))
    ]
    dashboards.save(studio.node, KEY, "default", {"pages": [{"tiles": words}]}, author="ann")
    studio.log_in()
    page = studio.page
    page.emulate_media(reduced_motion="reduce")
    studio.go(f"{DEFAULT}/edit")
    page.wait_for_selector(".ui-resizable-handle", state="attached")
    grip = page.locator("[gs-id=b] .grip").bounding_box()
    assert grip is not None
    page.mouse.move(grip["x"] + 20, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 500, grip["y"] - 40, steps=10)
    page.mouse.move(grip["x"] + 560, 260, steps=12)
    page.wait_for_timeout(300)
    page.mouse.up()
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(lambda url: url.endswith("/default"))
    boxes = {p.key: p.box for p in dashboards.definition(studio.node, KEY, "default").placed(1)}
    assert boxes["b"].top < 8
    assert boxes["b"].left >= 12
    assert not boxes["a"].overlaps(boxes["b"])
    assert studio.complaints == []


def test_somebody_who_was_faster_is_shown_and_nothing_is_lost(studio: Studio) -> None:
    furnished(studio.node)
    words = {"type": "text", "id": "a", "markdown": "mine"}
    dashboards.save(studio.node, KEY, "default", {"pages": [{"tiles": [words]}]}, author="ann")
    studio.log_in()
    page = studio.page
    studio.go(f"{DEFAULT}/edit")
    page.locator("[data-do=copy]").click()
    expect(page.locator(".grid-stack-item")).to_have_count(2)
    dashboards.save(
        studio.node, KEY, "default", {"title": "Theirs", "pages": [{"tiles": [words]}]}, author="bob"
    )
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("#conflict[open]")
    assert "+title: Theirs" in page.locator("[data-diff]").inner_text()
    page.get_by_role("button", name="Save mine over it").click()
    page.wait_for_url(lambda url: url.endswith("/default"))
    assert len(dashboards.definition(studio.node, KEY, "default").pages[0].tiles) == 2


def test_arrow_keys_turn_pages_and_a_bar_filters_the_page(studio: Studio) -> None:
    furnished(studio.node)
    panel = {"type": "filters", "dataset": "flights", "columns": ["carrier"]}
    chart = {
        "type": "chart",
        "id": "c",
        "dataset": "flights",
        "by": "carrier",
        "place": {"left": 12, "width": 12},
    }
    dashboards.save(
        studio.node, KEY, "default", {"pages": [{"tiles": [panel, chart]}, {"title": "Second"}]}, author="ann"
    )
    studio.log_in()
    page = studio.page
    studio.go(DEFAULT)
    page.wait_for_selector("dashboard-view:defined")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "page=2" in url)
    page.wait_for_selector("dashboard-view:defined")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(lambda url: "page=2" not in url)
    page.wait_for_selector("dashboard-view:defined")
    page.wait_for_selector("#tile-c svg path[aria-roledescription=bar]")
    page.locator("#tile-c svg path[aria-roledescription=bar]").first.click()
    page.wait_for_url(lambda url: "pageFilters" in url)
    assert "carrier:in" in page.locator("code").first.inner_text()
    assert studio.complaints == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed")
def test_dashboards_have_no_serious_finding(studio: Studio) -> None:
    furnished(studio.node)
    tiles = [
        {"type": "metric", "item": "mes", "metric": "Data Drift", "show": "history"}, {"type": "checks", "item": "mes"},
        {"type": "table", "dataset": "flights"},
        {"type": "filters", "dataset": "flights", "columns": ["carrier", "delay"]},
        {"type": "run_button", "scenario": "retrain"}, {"type": "chart", "dataset": "flights", "by": "carrier"},
    ]  # fmt: skip
    dashboards.save(studio.node, KEY, "default", {"pages": [{"tiles": tiles}]}, author="ann")
    studio.log_in()
    for path in (DEFAULT, f"{DEFAULT}/edit", f"{DEFAULT}/settings"):
        studio.go(path)
        studio.page.wait_for_timeout(800)
        assert serious(studio) == [], path
