"""Pages of metrics and checks: one for every sort of object that has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import checks, metrics, projects
from penstock.testing import a_node, a_project, fill, rows
from tests.web.browser import a_browser
from tests.web.pages.modelled import a_bank

HOME = "/projects/DEMO/datasets/raw/metrics"
CHECK = {
    "family": "checks", "type": "numeric_range", "name": "Rows < 2", "metric": "Record count",
    "maximum.enabled": "yes", "maximum.value": "2",
}  # fmt: skip


def _node(folder: Path) -> Node:
    node = a_node(folder)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", n=[1, 2, 3])
    metrics.compute(node, "DEMO", "raw")
    return node


@pytest.mark.parametrize("folder", ["datasets", "folders", "models", "evaluations"])
def test_every_sort_of_object_has_the_page(folder: str, tmp_path: Path) -> None:
    node = a_node(tmp_path)
    definition = {"datasets": {"type": "managed"}, "models": {"design": {"target": "y"}}}.get(folder, {})
    a_project(node, {f"{folder}/one": definition})
    assert "Metrics" in a_browser(node).get(f"/projects/DEMO/{folder}/one/metrics").text


@pytest.mark.requirement("A40", "M45")
def test_metrics_that_are_chosen_are_shown_first_also_after_a_reload(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(f"{HOME}/display", {"metric": ["records:COUNT_RECORDS"]})
    assert metrics.available(node, "DEMO", "raw")[0].id == "records:COUNT_RECORDS"
    assert "<vega-chart" in browser.get(HOME).html
    assert "3" in browser.get(f"{HOME}/history?metric=records:COUNT_RECORDS").text


def test_a_check_without_a_limit_is_no_ok_and_saving_it_says_why(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    without = {**CHECK, "maximum.enabled": "no"}
    tried = browser.post(f"{HOME}/try", without).text
    assert "No limit is switched on" in tried
    assert "OK" not in tried
    browser.post(f"{HOME}/save", without)
    assert "Saved. No limit is switched on" in browser.get(HOME).text


@pytest.mark.requirement("A43", "M51")
def test_check_says_what_it_would_say_before_anything_is_saved(tmp_path: Path) -> None:
    node = _node(tmp_path)
    answer = a_browser(node).post(f"{HOME}/try", CHECK)
    assert "Error" in answer.text
    assert "3" in answer.text
    assert projects.show(node, "DEMO").dataset("raw").checks == ()
    assert node.metrics.project_results("DEMO") == []


def test_a_new_check_offers_the_metrics_of_its_object_with_their_last_values(tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    page = browser.get(f"{HOME}/new?family=checks&type=numeric_range")
    assert '<option value="records:COUNT_RECORDS">Record count (3)</option>' in page.html
    chosen = browser.fragment("/projects/DEMO/forms/checks?path=&type=value_in_set&item=raw")
    assert '<option value="records:COUNT_RECORDS">Record count (3)</option>' in chosen.html


def test_a_metric_that_is_not_measured_yet_can_be_typed(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(f"{HOME}/save", {**CHECK, "metric": ["other", "python:mood"]})
    (check,) = projects.show(node, "DEMO").dataset("raw").checks
    assert check.metric == "python:mood"
    assert "python:mood (not measured here)" in browser.get(f"{HOME}/edit?family=checks&key={check.key}").text


def test_the_answer_of_a_check_stands_beside_its_button_and_is_read_out(tmp_path: Path) -> None:
    page = a_browser(_node(tmp_path)).get(f"{HOME}/new?family=checks&type=numeric_range")
    foot = page.html[page.html.index("form-foot sticky") :]
    assert re.search(r'id="tried" data-answer tabindex="-1" role="status"', foot)


@pytest.mark.requirement("A44", "M51")
def test_a_saved_check_is_shown_and_each_run_adds_one_point(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(f"{HOME}/save", CHECK)
    browser.post(f"{HOME}/run")
    browser.post(f"{HOME}/run")
    assert "Rows < 2" in browser.get(HOME).text
    assert len(checks.history(node, "DEMO", "raw", "Rows < 2")) == 2
    assert browser.get(f"{HOME}/history?check=Rows+%3C+2").text.count("Error") == 2


def test_a_check_is_edited_in_its_place_and_removed(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(f"{HOME}/save", CHECK)
    browser.post(f"{HOME}/save", {**CHECK, "key": "Rows < 2", "maximum.value": "5"})
    (found,) = projects.show(node, "DEMO").dataset("raw").checks
    assert found.to_mapping()["maximum"] == 5
    browser.post(f"{HOME}/remove", {"family": "checks", "key": "Rows < 2"})
    assert projects.show(node, "DEMO").dataset("raw").checks == ()


def test_a_wrong_check_is_told_and_not_saved(tmp_path: Path) -> None:
    node = _node(tmp_path)
    a_browser(node).post(f"{HOME}/save", {**CHECK, "maximum.value": "many"}, status=422)
    assert projects.show(node, "DEMO").dataset("raw").checks == ()


@pytest.mark.requirement("A56")
def test_testing_a_rule_keeps_neither_outcome_nor_metric(tmp_path: Path) -> None:
    node = _node(tmp_path)
    before = node.metrics.project_values("DEMO")
    values = {
        "family": "rules",
        "type": "record_count_in_range",
        "maximum.enabled": "yes",
        "maximum.value": "2",
    }
    assert "Error" in a_browser(node).post(f"{HOME}/try", values).text
    assert node.metrics.project_values("DEMO") == before
    assert node.metrics.project_results("DEMO") == []


def test_trying_a_probe_shows_its_values(tmp_path: Path) -> None:
    node = _node(tmp_path)
    answer = a_browser(node).post(f"{HOME}/try", {"family": "probes", "type": "records"})
    assert "Record count" in answer.text


@pytest.mark.requirement("A45", "A46")
@pytest.mark.parametrize("content", ["metrics", "checks"])
def test_a_dataset_of_the_history_is_made_and_lives(content: str, tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(f"{HOME}/save", CHECK)
    location = browser.post(f"{HOME}/dataset", {"content": content}).location
    assert location == f"/projects/DEMO/datasets/raw_{content}"
    before = len(rows(node, f"raw_{content}"))
    browser.post(f"{HOME}/compute")
    browser.post(f"{HOME}/run")
    assert len(rows(node, f"raw_{content}")) > before


def test_names_are_shown_escaped(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(f"{HOME}/save", {**CHECK, "name": "<img src=x>"})
    assert "<img src=x>" not in browser.get(HOME).html


def test_whoever_only_reads_may_try_and_change_nothing(tmp_path: Path) -> None:
    node = _node(tmp_path)
    reader = a_browser(node, rights=("read",))
    reader.post(f"{HOME}/save", CHECK, status=403)
    assert "New check" not in reader.get(HOME).text


@pytest.mark.parametrize(
    ("path", "tab"),
    [("models/authorized", "Versions"), ("evaluations/mes", "Evaluations"), ("datasets/april", "Explore")],
)
def test_metrics_stand_among_the_tabs_of_their_object(tmp_path: Path, path: str, tab: str) -> None:
    page = a_browser(a_bank(tmp_path)).get(f"/projects/DEMO/{path}/metrics")
    tabs = re.findall(r'role="tab" href="([^"]+)" aria-selected="(\w+)">([^<]+)', page.html)
    assert (f"/projects/DEMO/{path}", "false", tab) in [(at, on, words.strip()) for at, on, words in tabs]
    assert [words.strip() for _, on, words in tabs if on == "true"] == ["Metrics &amp; checks"]


def test_own_kinds_of_checks_are_offered_before_those_of_plugins(tmp_path: Path) -> None:
    page = a_browser(_node(tmp_path)).get(f"{HOME}/new?family=checks").html
    chooser = re.search(r'<select class="form-select" name="type".*?</select>', page, re.S)
    assert chooser is not None
    offered = re.findall(r'<option value="([^"]+)"', chooser[0])
    assert offered == [o for o in offered if "." not in o] + [o for o in offered if "." in o]
    assert offered[0] == "numeric_range"
