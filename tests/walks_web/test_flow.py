"""The Flow, clicked through: find, select, move to a new zone, build with a preview, follow it, fold."""

from __future__ import annotations

import re

import pytest

from penstock.runtime import jobs, zones
from penstock.testing import KEY, a_project, fill

from .conftest import Studio

FLOW = f"/projects/{KEY}/flow"
CHAIN = {
    "datasets/raw": {"type": "managed"},
    "datasets/copied": {"type": "managed"},
    "datasets/sorted": {"type": "managed"},
    "recipes/copy_it": {"type": "sync", "input": "raw", "output": "copied"},
    "recipes/sort_it": {"type": "sort", "input": "copied", "output": "sorted", "order": [{"column": "n"}]},
}


@pytest.fixture
def flow(studio: Studio) -> Studio:
    a_project(studio.node, CHAIN)
    fill(studio.node, "raw", n=[2, 1])
    studio.log_in()
    opened(studio)
    return studio


def opened(studio: Studio) -> None:
    """The Flow, ready for keys and the pointer."""
    studio.go(FLOW)
    studio.page.wait_for_selector("flow-graph:defined")


def node(name: str) -> str:
    return f'g.node:not(.ghost)[data-id="{name}"]'


@pytest.mark.requirement("A08", "A24")
def test_a_selection_moves_to_a_new_zone_is_built_with_a_preview_and_followed_live(flow: Studio) -> None:
    page = flow.page
    page.click(node("sorted"))
    page.click(node("recipe:sort_it"), modifiers=["Shift"])
    page.get_by_role("heading", name="2 objects").wait_for()
    assert "select=sorted%2Crecipe%3Asort_it" in page.url
    page.keyboard.press("m")
    page.get_by_label("Name of a new zone").fill("Ground Truth Monitoring")
    page.get_by_role("button", name="Move to the new zone").click()
    page.wait_for_selector('g.zone[data-zone="Ground Truth Monitoring"]')
    assert zones.graph(flow.node, KEY, "Ground Truth Monitoring").items == ("sorted",)
    flow.picture("flow-zones")

    page.click(node("sorted"))
    page.get_by_role("heading", name="sorted").wait_for()
    page.keyboard.press("b")
    page.wait_for_selector("[data-flow-keep]")
    planned = page.eval_on_selector_all("[data-flow-keep]", "found => found.map(f => f.dataset.flowKeep)")
    assert planned == ["copy_it", "sort_it"]
    assert jobs.history(flow.node, KEY) == []
    flow.picture("flow-preview")
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector(f'{node("sorted")}[data-state="success"]')
    page.wait_for_selector("#flow-progress .state.success")
    assert jobs.history(flow.node, KEY)[0].state == "DONE"
    assert flow.complaints == []


def test_nodes_are_found_folded_and_reached_by_keys(flow: Studio) -> None:
    page = flow.page
    zones.move(flow.node, KEY, ["sorted"], "Late", author="ann", new=True)
    opened(flow)
    page.keyboard.press("/")
    page.keyboard.type("copy_it")
    assert "dim" in (page.get_attribute(node("raw"), "class") or "")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("select=recipe%3Acopy_it"))
    page.keyboard.press("Escape")  # leaves the field
    page.keyboard.press("Escape")  # selects nothing
    page.evaluate("document.querySelector('a:has(> [data-id=raw])').focus()")
    page.keyboard.press("ArrowRight")
    focused = "document.activeElement.querySelector('g.node').dataset.id"
    assert page.evaluate(focused) == "recipe:copy_it"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="copy_it").wait_for()
    page.keyboard.press("f")
    page.click('g.zone[data-zone="Late"] .title')
    page.get_by_role("button", name="Fold").click()
    page.wait_for_selector('g.zone.folded[data-zone="Late"]')
    assert "fold=Late" in page.url
    page.reload()
    page.wait_for_selector("flow-graph:defined")
    page.wait_for_selector('g.zone.folded[data-zone="Late"]')
    assert flow.complaints == []


def test_a_double_click_opens_and_a_drag_moves_the_picture(flow: Studio) -> None:
    page = flow.page
    before = page.locator(node("raw")).bounding_box()
    page.mouse.move(700, 700)
    page.mouse.down()
    page.mouse.move(640, 660, steps=4)
    page.mouse.up()
    after = page.locator(node("raw")).bounding_box()
    assert before is not None
    assert after is not None
    assert (round(before["x"] - after["x"]), round(before["y"] - after["y"])) == (60, 40)
    page.mouse.move(after["x"] - 30, after["y"] - 30)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(after["x"] + 400, after["y"] + 120, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.wait_for_url(re.compile("select=.*raw.*copy_it"))
    page.dblclick(node("raw"))
    page.wait_for_url(re.compile(f"/projects/{KEY}/datasets/raw"))
