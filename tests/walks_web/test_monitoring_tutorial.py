"""The first tutorial, clicked: two stores watch a model, a month comes that drifted, a check and a dashboard say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from penstock.core.node import Node
from penstock.runtime import checks, datasets, evaluations, jobs, metrics, projects, scenarios, zones
from penstock.testing import KEY
from tests.walks_web.conftest import Studio, fill_in
from tests.walks_web.months import MAY, WATCHED, furnish

TRUTH, DRIFT = "mes_for_ground_truth", "mes_for_input_drift"
SCENARIO = "steps: [{type: run_checks, name: Look, items: [mes_for_input_drift]}]\n"


@pytest.fixture
def tutorial(studio: Studio, node: Node, tmp_path: Path) -> Studio:
    """The project of the tutorial and somebody in front of it who has logged in."""
    furnish(node, tmp_path)
    studio.log_in()
    return studio


def item(name: str) -> str:
    return f'g.node:not(.ghost)[data-id="{name}"]'


def select(studio: Studio, *names: str) -> None:
    """Open the Flow and select these."""
    page = studio.page
    studio.go(f"/projects/{KEY}/flow")
    page.wait_for_selector("flow-graph:defined")
    for number, name in enumerate(names, 1):
        page.keyboard.press("f")  # the panel that opens takes room away
        page.click(item(name), modifiers=["Shift"] if number > 1 else [])
        heading = f"{number} objects" if number > 1 else name.removeprefix("recipe:")
        page.get_by_role("heading", name=heading, exact=True).wait_for()


def panel(studio: Studio) -> Locator:
    found: Locator = studio.page.locator("#flow-panel")
    return found


def recipe(studio: Studio, kind: str, dataset: str, name: str, **fields: str) -> None:
    """Select a dataset and the model, press the recipe, give names, create it."""
    select(studio, dataset, "authorized")
    panel(studio).get_by_role("link", name=kind, exact=True).click()
    studio.page.get_by_label("Name of the recipe").fill(name)
    for field, value in fields.items():
        studio.page.locator(f"[name={field}]").fill(value)


def create(studio: Studio, name: str) -> None:
    studio.page.get_by_role("button", name="Create recipe").click()
    studio.page.wait_for_url(f"**/recipes/{name}")


def move(studio: Studio, zone: str, *names: str) -> None:
    """Select these in the Flow and move them to a new zone."""
    select(studio, *names)
    panel(studio).locator("[data-flow-move]").click()
    studio.page.get_by_label("Name of a new zone").fill(zone)
    studio.page.get_by_role("button", name="Move to the new zone").click()
    studio.page.wait_for_selector(f'g.zone[data-zone="{zone}"]')


def preview(
    studio: Studio, store: str, mode: str = "Recursive upstream, only what is out of date"
) -> list[str]:
    """Select a store, press Build, choose how: the recipes that would run, in order."""
    page = studio.page
    select(studio, store)
    panel(studio).get_by_role("button", name="Build", exact=True).click()
    heading = panel(studio).get_by_role("heading", name="Preview")
    heading.wait_for()
    choice = page.get_by_label(mode, exact=True)
    if not choice.is_checked():
        with page.expect_response(lambda response: "/flow/build" in response.url):
            choice.check()
        page.locator("label:has(:checked)", has_text=mode).wait_for()
    kept = page.locator("[data-flow-keep]")
    planned: list[str] = kept.evaluate_all("found => found.map(f => f.dataset.flowKeep)")
    return planned


def run(studio: Studio) -> None:
    """Press Run under the preview and watch it in the Flow until it is done."""
    panel(studio).get_by_role("button", name="Run", exact=True).click()
    studio.page.wait_for_selector("#flow-progress .state.success")


def opened(studio: Studio, store: str) -> Locator:
    """The store, opened from the Flow: its evaluations, newest first."""
    select(studio, store)
    panel(studio).get_by_role("link", name="Open").click()
    rows: Locator = studio.page.locator("#evaluations tbody tr")
    return rows


def both_stores(studio: Studio) -> None:
    """Both recipes, their stores, and a zone for each."""
    recipe(studio, "Evaluate", "test_scored", "evaluate_truth", store=TRUTH)
    studio.page.locator("[name='sampling.type']").select_option(label="Random (approx. nb. records)")
    expect(studio.page.locator("[name='sampling.n']")).to_have_value("10000")
    create(studio, "evaluate_truth")
    move(studio, "Ground Truth Monitoring", "recipe:evaluate_truth", TRUTH)
    recipe(studio, "Evaluate", "new_transactions", "evaluate_drift", store=DRIFT)
    studio.page.get_by_label("Skip performance").check()
    create(studio, "evaluate_drift")
    move(studio, "Input Drift Monitoring", "recipe:evaluate_drift", DRIFT)


def scored(studio: Studio) -> None:
    """The Score recipe, created and run by the button of its page."""
    recipe(studio, "Score", "new_transactions", "score_new", output="test_scored")
    create(studio, "score_new")
    studio.page.get_by_role("button", name="Save and run").click()
    studio.page.wait_for_url("**/jobs/*")
    studio.page.wait_for_selector("#job-state .state:has-text('Done')")


def may_comes(studio: Studio) -> None:
    """Files: Add the new month, trash the old one; Explore shows the rows of the new one."""
    page = studio.page
    select(studio, "new_transactions")
    panel(studio).get_by_role("link", name="Open").click()
    page.get_by_role("tab", name="Files").click()
    page.get_by_role("row", name="may.csv").get_by_role("button", name="Add").click()
    page.get_by_text("It reads may.csv too.").wait_for()
    page.get_by_role("button", name="Remove april.csv").click()
    page.get_by_text("It reads april.csv no more.").wait_for()
    studio.picture("tutorial-files")
    page.get_by_role("tab", name="Explore").click()
    page.wait_for_selector("data-grid:has-text('600 rows (first rows)')")
    expect(page.get_by_text("3-0", exact=True)).to_have_count(1)


def computed(studio: Studio, panel_name: str) -> None:
    """Open one of the three drift panels and press Compute."""
    page = studio.page
    page.get_by_role("link", name=panel_name, exact=True).click()
    page.wait_for_url(f"**/{panel_name.lower().replace(' ', '-')}")
    page.get_by_role("button", name="Compute").click()
    page.get_by_text("Worked out just now under the terms below.").wait_for()


def check_made(studio: Studio, soft: str, hard: str) -> None:
    """Metrics & checks: show Data Drift, a new check on it with both limits, Check before Save."""
    page = studio.page
    page.get_by_role("tab", name="Metrics & checks").click()
    page.get_by_label("Show Data Drift", exact=True).check()
    page.get_by_role("button", name="Show the ticked ones first").click()
    page.locator(".cards").get_by_role("link", name="New check").click()
    page.locator("[name=name]").fill(f"Data Drift < {hard}")
    for field, value in (("soft_maximum", soft), ("maximum", hard)):
        switch = page.locator(f"input[type=checkbox][name='{field}.enabled']")
        expect(switch).to_be_checked()  # the suggested limits
        switch.uncheck()
        page.locator(f"[name='{field}.value']").fill(value)
        expect(switch).to_be_checked()  # typing a limit switches it on


def add_tile(studio: Studio, kind: str, **fields: str) -> None:
    """Add tile, choose the kind, fill in its form, show it."""
    page = studio.page
    before = page.locator(".grid-stack-item").count()
    page.get_by_role("button", name="Add tile").click()
    page.locator(f"[data-add={kind}]").click()
    for name, value in fields.items():
        fill_in(page.locator(f"[data-tile-form] [name={name}]").first, value)
    page.locator("[data-tile-form]").get_by_role("button", name="Show it").click()
    expect(page.locator(".grid-stack-item")).to_have_count(before + 1)


@pytest.mark.requirement("A08", "A23", "A24", "A25", "M39")
def test_two_stores_watch_a_model_month_after_month(tutorial: Studio) -> None:
    page, node = tutorial.page, tutorial.node
    scored(tutorial)
    both_stores(tutorial)
    assert zones.graph(node, KEY, "Ground Truth Monitoring").items == (TRUTH,)
    assert zones.graph(node, KEY, "Input Drift Monitoring").items == (DRIFT,)
    tutorial.picture("tutorial-zones")
    for store, only in ((TRUTH, "evaluate_truth"), (DRIFT, "evaluate_drift")):
        assert preview(tutorial, store, "Build only this (non-recursively)") == [only]
        run(tutorial)
    expect(opened(tutorial, TRUTH)).to_have_count(1)

    may_comes(tutorial)
    before = len(jobs.history(node, KEY))
    assert preview(tutorial, TRUTH) == ["score_new", "evaluate_truth"]
    assert len(jobs.history(node, KEY)) == before, "a preview runs nothing"
    tutorial.picture("tutorial-preview")
    run(tutorial)
    assert preview(tutorial, TRUTH) == []
    expect(panel(tutorial).get_by_role("heading", name="Preview: nothing to do")).to_be_visible()

    rows = opened(tutorial, TRUTH)
    expect(rows).to_have_count(2)
    tutorial.picture("tutorial-store")
    rows.first.get_by_role("link").first.click()
    newest = evaluations.newest(node, KEY, TRUTH)
    page.wait_for_url(f"**/{newest.id}")
    assert f"{newest.metrics['performance:auc']:.4f}" in page.inner_text("main")
    assert f"{newest.metrics['drift:DATA_DRIFT']:.3f}" in page.inner_text("main")
    for screen in (
        "Confusion matrix",
        "Decision chart",
        "Lift charts",
        "Calibration",
        "ROC curve",
        "Density",
    ):
        page.get_by_role("link", name=screen, exact=True).wait_for()
    tutorial.picture("tutorial-evaluation")

    computed(tutorial, "Input drift")
    page.wait_for_selector("vega-chart svg")
    card_age = page.locator("#columns-table tbody tr", has_text="card_age")
    assert "Drift" in card_age.inner_text()
    assert "large" in card_age.inner_text()
    tutorial.picture("tutorial-input-drift")
    computed(tutorial, "Prediction drift")
    expect(page.locator("#fugacity tbody tr")).to_have_count(2)
    tutorial.picture("tutorial-prediction-drift")
    computed(tutorial, "Performance drift")
    assert "Worse" in page.locator("#performance-drift tr", has_text="ROC AUC").inner_text()
    tutorial.picture("tutorial-performance-drift")
    assert tutorial.complaints == []


@pytest.fixture
def evaluated(studio: Studio, node: Node, tmp_path: Path) -> Studio:
    """Both months evaluated for their drift, the second one drifted."""
    furnish(node, tmp_path, WATCHED)
    jobs.build(node, KEY, [DRIFT])
    datasets.select_files(node, KEY, "new_transactions", [MAY], author="ann")
    jobs.build(node, KEY, [DRIFT])
    node.projects.save(KEY, {"scenarios/retrain.yaml": SCENARIO}, author="ann", message="Define retrain")
    scenarios.run_and_wait(node, KEY, "retrain", fail_on="")
    studio.log_in()
    return studio


@pytest.mark.requirement("A40", "A43", "A44", "A45", "M45", "M51")
def test_a_check_is_tried_then_saved_and_the_values_become_a_dataset(evaluated: Studio) -> None:
    page, node = evaluated.page, evaluated.node
    expect(opened(evaluated, DRIFT)).to_have_count(2)
    check_made(evaluated, "0.6", "0.7")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#tried .state")).to_have_text("Error")
    definition = projects.show(node, KEY).evaluation_store(DRIFT)
    assert definition.checks == ()
    assert checks.history(node, KEY, DRIFT) == []
    evaluated.picture("tutorial-check")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/metrics")
    page.get_by_role("button", name="Run checks").click()
    page.get_by_text("1 checked: ERROR.").wait_for()
    row = page.locator("#demands tr", has_text="Data Drift < 0.7")
    assert "Error" in row.inner_text()
    assert len(checks.history(node, KEY, DRIFT, "Data Drift < 0.7")) == 1
    page.reload()
    expect(page.get_by_label("Show Data Drift", exact=True)).to_be_checked()
    page.wait_for_selector(".cards vega-chart svg")
    evaluated.picture("tutorial-metrics")

    page.get_by_label("More", exact=True).click()
    page.get_by_role("button", name="Create dataset from metrics data").click()
    page.wait_for_url("**/datasets/*")
    made = page.url.rsplit("/", 1)[-1]
    page.wait_for_selector("data-grid:has-text('Data Drift')")
    values = [r for r in datasets.head(node, KEY, made, 1000).rows if r["metric_name"] == "Data Drift"]
    assert len(values) == 2
    move(evaluated, "Input Drift Monitoring", made)
    jobs.build(node, KEY, [DRIFT], "NON_RECURSIVE_FORCED_BUILD")
    evaluated.go(f"/projects/{KEY}/datasets/{made}")
    page.wait_for_selector("data-grid:has-text('Data Drift')")
    values = [r for r in datasets.head(node, KEY, made, 1000).rows if r["metric_name"] == "Data Drift"]
    assert len(values) == 3, "a new evaluation adds rows without any build"
    assert evaluated.complaints == []


@pytest.mark.requirement("A94", "M55")
def test_the_default_dashboard_shows_drift_its_history_and_the_last_runs(evaluated: Studio) -> None:
    page = evaluated.page
    evaluated.go(f"/projects/{KEY}/dashboards")
    page.get_by_role("link", name="Default dashboard").click()
    page.get_by_role("link", name="Add the first tile").click()
    add_tile(evaluated, "metric", item=DRIFT, metric="Data Drift")
    page.get_by_role("button", name=f"Copy Data Drift of {DRIFT}", exact=True).click()
    expect(page.locator(".grid-stack-item")).to_have_count(2)
    beside = page.locator(".grid-stack-item").nth(1)
    assert (beside.get_attribute("gs-x"), beside.get_attribute("gs-y")) != ("0", "0")
    assert beside.get_attribute("gs-y") in (None, "0"), "there is room beside the first one"
    page.locator("[data-do=edit]").nth(1).click()
    page.locator("[data-tile-form] [name=show]").select_option("history")
    page.locator("[data-tile-form]").get_by_role("button", name="Show it").click()
    page.wait_for_selector("vega-chart svg")
    add_tile(evaluated, "scenario_runs", scenario="retrain")
    evaluated.picture("tutorial-dashboard-edit")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(lambda url: url.endswith("/default"))
    page.reload()
    page.wait_for_selector("vega-chart svg")
    expect(page.locator(".tile")).to_have_count(3)
    last = metrics.history(evaluated.node, KEY, DRIFT, "drift:DATA_DRIFT")[-1].number
    assert float(page.locator(".tile-figure .value").inner_text()) == pytest.approx(last, abs=0.005)
    assert "Success" in page.locator(".tile-scenario_runs").inner_text()
    evaluated.picture("tutorial-dashboard")
    assert evaluated.complaints == []
