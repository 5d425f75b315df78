"""Comparisons: items side by side, a champion, differences, and items that do not belong together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock.testing import a_node, a_project
from tests.web.browser import Browser, a_browser
from tests.web.pages.modelled import a_bank
from tests.web.pages.test_evaluations import marks, specs

COMPARE = "/projects/DEMO/compare"


def test_nothing_chosen_offers_versions_and_evaluations(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(COMPARE)
    for word in ("authorized: ", "April", "May"):
        assert word in page.text


def test_a_project_with_nothing_to_compare_says_so(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    assert "Nothing to compare yet" in a_browser(node).get(COMPARE).text


def test_items_stand_side_by_side_with_their_curves_over_each_other(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    version = node.models.versions("DEMO", "authorized")[0]
    page = a_browser(node).get(f"{COMPARE}?items=mes/april,mes/may,{version.full_id}")
    for name in ("April", "May", version.name):
        assert name in page.text
    assert f"{version.metrics['auc']:.4f}" in page.text
    over = [s for s in specs(page) if s["description"].startswith("ROC curve")]
    assert len({v["series"] for v in over[0]["layer"][-1]["data"]["values"]}) == 3
    assert any("line" in marks(s) for s in specs(page))


@pytest.mark.requirement("M98")
def test_items_of_another_prediction_type_are_refused(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    page = browser.get(f"{COMPARE}?items=mes/april,fares/rides", status=422)
    assert "Only items of one prediction type" in page.text
    added = browser.get(f"{COMPARE}?items=mes/april,mes/may&add=fares/rides", status=422)
    assert "Not added" in added.text
    assert "ROC AUC" in added.text
    offered = browser.get(f"{COMPARE}?items=mes/april,mes/may").html
    assert "ME-DEMO-blind-may" in offered
    assert "ME-DEMO-fares-rides" not in offered


@pytest.mark.requirement("M98")
def test_what_differs_from_the_champion_stands_out(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    plain = browser.get(f"{COMPARE}?items=mes/april,mes/may")
    assert "Choose a champion" in plain.text
    page = browser.get(f"{COMPARE}?items=mes/april,mes/may&champion=mes/april")
    row = next(r for r in re.findall(r"<tr>.*?</tr>", page.html, re.S) if "Evaluation dataset" in r)
    cells = re.findall(r'<td class="num([^"]*)">', row)
    assert "stands-out" not in cells[0]
    assert "stands-out" in cells[1]
    assert "champion" in page.text


def saved(browser: Browser, **more: str) -> str:
    """Keep April beside May; the address of it."""
    values = {"title": "April <b>and</b> May", "items": "mes/april,mes/may", **more}
    return browser.post("/projects/DEMO/comparisons", values).location


@pytest.mark.requirement("M98")
def test_a_comparison_is_saved_opened_again_changed_and_deleted(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    assert "Save …" in browser.get(f"{COMPARE}?items=mes/april,mes/may").text
    at = saved(browser)
    page = browser.get(at)
    assert "April &lt;b&gt;and&lt;/b&gt; May" in page.html
    assert "Nothing changed since it was saved" in page.html
    assert "April <b>and</b> May" in browser.get("/projects/DEMO/comparisons").text

    name = at.rsplit("/", 1)[1]
    draft = browser.get(f"{COMPARE}?of={name}&items=mes/may&champion=mes/may")
    assert "not what was saved" in draft.text
    browser.post(at, draft.form_values("save-it"))
    kept = node.projects.load("DEMO").comparison(name)
    assert (kept.items, kept.champion) == (("ME-DEMO-mes-may",), "ME-DEMO-mes-may")
    browser.post(f"{at}/delete")
    assert not node.projects.load("DEMO").comparisons


def test_an_item_is_hidden_kept_with_the_comparison_and_shown_again(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    at = saved(browser)
    [hide] = [link for link in browser.get(at).links if "hidden=ME-DEMO-mes-may" in link.replace("%2C", ",")]
    without = browser.get(hide)
    assert "Hidden: May" in without.text
    assert "not what was saved" in without.text
    browser.post(at, without.form_values("save-it"))
    kept = node.projects.load("DEMO").comparison(at.rsplit("/", 1)[1])
    assert (kept.items, kept.hidden) == (("ME-DEMO-mes-april", "ME-DEMO-mes-may"), ("ME-DEMO-mes-may",))
    opened = browser.get(at)
    assert "Hidden: May" in opened.text
    assert "not what was saved" not in opened.text
    [show] = [
        link
        for link in opened.links
        if "ME-DEMO-mes-april%2CME-DEMO-mes-may" in link and "hidden" not in link
    ]
    assert "Hidden" not in browser.get(show).text


def test_the_ends_of_intervals_are_shown_when_somebody_asks_for_them(tmp_path: Path) -> None:
    browser = a_browser(a_bank(tmp_path))
    without = browser.get(f"{COMPARE}?items=mes/april,mes/may")
    assert "lower bound" not in without.text
    [link] = [link for link in without.links if "intervals=yes" in link]
    assert "Data Drift, lower bound" in browser.get(link).text


def test_saved_comparisons_stand_with_a_thumbnail_of_their_metric(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    saved(browser)
    page = browser.get("/projects/DEMO/comparisons")
    told = re.search(r'title="ROC AUC: April ([\d.]+), May ([\d.]+)"', page.html)
    assert told is not None
    drawn = re.findall(r'<rect [^>]*height="([\d.]+)"', page.html[told.start() :])[:2]
    tall = [float(number) for number in drawn]
    assert tall[1] / tall[0] == pytest.approx(float(told[2]) / float(told[1]), abs=0.02)


def test_a_save_over_somebody_elses_is_refused_and_said(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    browser = a_browser(node)
    at = saved(browser)
    base = browser.get(at).form_values("save-it")["base"]
    browser.post(at, {"title": "Another", "base": base})
    refused = browser.post(at, {"title": "Mine", "base": base}, status=409)
    assert "Not saved" in refused.text
    assert node.projects.load("DEMO").comparison(at.rsplit("/", 1)[1]).title == "Another"


def test_a_reader_opens_saved_comparisons_and_changes_none(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    at = saved(a_browser(node))
    reader = a_browser(node, rights=("read",))
    page = reader.get(at)
    assert "ROC AUC" in page.text
    assert "Save" not in page.text
    reader.post(at, {"title": "x"}, status=403)
    reader.post(f"{at}/delete", status=403)


def test_each_item_has_one_colour_in_the_table_and_in_every_chart(tmp_path: Path) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"{COMPARE}?items=mes/april,mes/may")
    fills = re.findall(r'<svg class="swatch"[^>]*><rect[^>]*fill="(#\w+)"', page.html)
    assert len(fills) == len(set(fills)) == 2
    bars = [s for s in specs(page) if s["description"].startswith(("ROC AUC", "ROC curve"))]
    assert len(bars) == 2
    for spec in bars:
        layers = [one for one in spec["layer"] if "color" in one["encoding"]]
        assert layers[-1]["encoding"]["color"]["scale"]["range"] == fills
