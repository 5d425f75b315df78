"""Pages of scenarios: list, switch, create, run, copy, delete."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.core.node import Node
from penstock.runtime import projects, scenarios, users
from penstock.testing import a_node, a_project
from tests.web.browser import a_browser

STEPS: dict[str, Any] = {"steps": [{"type": "build", "name": "Build raw", "items": ["raw"]}]}
WEEKLY = {"type": "time", "name": "Weekly", "every": "1 week", "on": ["monday"], "at": "07:00"}
LIST = "/projects/DEMO/scenarios"


def _node(folder: Path, **more: Any) -> Node:
    node = a_node(folder)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    scenarios.save(node, "DEMO", "nightly", {**STEPS, **more}, author="ann")
    return node


def test_a_project_without_scenarios_says_what_they_are_for(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    page = a_browser(node).get(LIST)
    assert "No scenario yet" in page.text
    assert f"{LIST}/new" in page.links


@pytest.mark.requirement("A75")
def test_the_list_says_what_starts_a_scenario_when_and_as_whom(tmp_path: Path) -> None:
    node = _node(tmp_path, triggers=[WEEKLY], active=True, title="<b>Nightly</b>", tags=["prod"])
    page = a_browser(node).get(LIST)
    assert "Every week on Monday at 07:00" in page.text
    assert page.has("&lt;b&gt;Nightly&lt;/b&gt;")
    assert not page.has("<b>Nightly</b>")
    assert "ann changed it last" in page.text
    assert "No scenario" not in a_browser(node).get(f"{LIST}?tag=prod").text


@pytest.mark.requirement("A68")
def test_the_switch_makes_whoever_uses_it_the_last_author_just_now_and_run_as(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node, login="mia", rights=("write",))
    row = browser.post(f"{LIST}/nightly/switch", {"active": "yes"}, headers={"HX-Request": "true"})
    assert row.has('aria-checked="true"', "mia", "just now")
    listed = scenarios.listed(node, "DEMO", "nightly")
    assert (listed.active, listed.run_as, listed.changed_by) == (True, "mia", "mia")
    assert listed.changed_at is not None
    assert (datetime.now(UTC) - listed.changed_at).total_seconds() < 60
    browser.post(f"{LIST}/nightly/switch", {"active": "no"})
    assert not scenarios.listed(node, "DEMO", "nightly").active


@pytest.mark.requirement("A69")
def test_a_scenario_whose_user_is_disabled_says_why_it_cannot_run_and_others_are_unaffected(
    tmp_path: Path,
) -> None:
    node = _node(tmp_path)
    users.add(node, "zoe")
    scenarios.save(node, "DEMO", "hers", STEPS, author="zoe")
    users.disable(node, "zoe")
    page = a_browser(node).get(LIST)
    assert "zoe, the last person who changed it, is disabled" in page.text
    assert scenarios.listed(node, "DEMO", "nightly").problem == ""
    a_browser(node).post(f"{LIST}/hers/run", status=403)


@pytest.mark.requirement("A70")
def test_with_only_the_right_to_run_one_runs_scenarios_that_say_as_whom_and_no_other(tmp_path: Path) -> None:
    node = _node(tmp_path)
    users.add(node, "boss", admin=True)
    scenarios.save(node, "DEMO", "chosen", {**STEPS, "run_as": "boss"}, author="boss")
    runner = a_browser(node, login="rob", rights=("run scenarios",))
    assert "It does not say as whom it runs" in runner.get(LIST).html
    assert "/runs/" in runner.post(f"{LIST}/chosen/run").location
    runner.post(f"{LIST}/nightly/run", status=403)
    reader = a_browser(node, login="ria", rights=("read",))
    run = scenarios.history(node, "DEMO", "chosen")[0]
    assert "Abort" not in reader.get(f"{LIST}/chosen/runs/{run.id}").text
    reader.post(f"{LIST}/chosen/runs/{run.id}/abort", status=403)
    assert not scenarios.show(node, run.id).abort_requested


@pytest.mark.parametrize("kind", ["steps", "python"])
def test_a_scenario_is_created_and_its_name_is_taken_then(kind: str, tmp_path: Path) -> None:
    browser = a_browser(_node(tmp_path))
    page = browser.post(f"{LIST}/new", {"name": "fresh", "kind": kind})
    assert page.location == f"{LIST}/fresh"
    assert "There is a scenario" in browser.post(f"{LIST}/new", {"name": "fresh"}, status=422).text


def test_a_copy_is_off_and_a_deleted_one_is_gone(tmp_path: Path) -> None:
    node = _node(tmp_path, active=True, title="Nightly")
    browser = a_browser(node)
    assert browser.post(f"{LIST}/nightly/copy").location == f"{LIST}/nightly_copy"
    copied = scenarios.definition(node, "DEMO", "nightly_copy")
    assert (copied.active, copied.title) == (False, "Nightly (copy)")
    browser.post(f"{LIST}/nightly/delete")
    assert list(projects.show(node, "DEMO").scenarios) == ["nightly_copy"]


def test_a_run_is_asked_for_with_parameters(tmp_path: Path) -> None:
    node = _node(tmp_path)
    browser = a_browser(node)
    browser.post(f"{LIST}/nightly/run", {"params": "month=2013-12\nn=5"})
    assert dict(scenarios.history(node, "DEMO", "nightly")[0].params) == {"month": "2013-12", "n": 5}
    assert "NAME=VALUE" in browser.post(f"{LIST}/nightly/run", {"params": "oops"}, status=422).text
    browser.post(f"{LIST}/nightly/abort")
    assert scenarios.history(node, "DEMO", "nightly")[0].abort_requested


def test_a_scenario_without_a_name_is_given_one_from_its_title(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    answer = a_browser(node).post("/projects/DEMO/scenarios/new", {"title": "Retrain Model"})
    assert answer.location == "/projects/DEMO/scenarios/retrain_model"
