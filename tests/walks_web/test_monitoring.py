"""Models and evaluations in a real browser: the threshold moves live, a choice of metrics stays, drift is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import training, users
from tests.walks_web.conftest import PASSWORD, Studio
from tests.walks_web.test_accessible import AXE, serious_in_both_looks, told
from tests.web.pages.modelled import a_bank

MES = "/projects/DEMO/evaluations/mes"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """The bank, with an administrator who can log in."""
    made = a_bank(tmp_path)
    users.add(made, "ann", name="Ann", admin=True, password=PASSWORD)
    return made


@pytest.mark.requirement("M40")
def test_the_threshold_moves_the_confusion_while_it_is_dragged(studio: Studio) -> None:
    studio.log_in()
    studio.go(f"{MES}/may/confusion")
    page = studio.page
    recall = page.locator("dt:text-is('Recall') + dd")
    auc = page.locator("dt:text-is('ROC AUC') + dd").inner_text()
    before = recall.inner_text()
    slider = page.get_by_label("Threshold", exact=True)
    slider.fill("0.9")
    page.wait_for_function(
        "before => document.querySelector('#cut').innerText.includes('threshold 0.9')", arg=before
    )
    assert recall.inner_text() != before
    assert page.locator("dt:text-is('ROC AUC') + dd").inner_text() == auc
    assert "threshold=0.9" in page.url
    page.go_back()
    page.wait_for_function("() => document.querySelector('#cut').innerText.includes('threshold 0.4')")
    studio.no_complaints()


@pytest.mark.requirement("M36")
def test_the_chosen_metrics_are_there_after_a_reload(studio: Studio) -> None:
    studio.log_in()
    studio.go(MES)
    page = studio.page
    page.locator("details.chart-choice > summary").click()
    chosen = page.locator("#choice input[name=metrics]:checked")
    while chosen.count():
        chosen.first.uncheck()
    page.locator("#choice").get_by_label("F1", exact=True).check()
    page.get_by_role("button", name="Show", exact=True).first.click()
    page.get_by_role("button", name="Keep this choice").click()
    studio.go(MES)
    page.wait_for_selector(".metric-charts svg")
    assert page.locator(".metric-charts h2").all_inner_texts() == ["F1"]
    studio.no_complaints()


def test_what_if_answers_while_one_types(studio: Studio) -> None:
    version = training.versions(studio.node, "DEMO", "authorized")[0].id
    studio.log_in()
    studio.go(f"/projects/DEMO/models/authorized/versions/{version}/what-if")
    page = studio.page
    before = page.locator("#answer dd").last.inner_text()
    page.get_by_role("spinbutton", name="card_age").fill("140")
    page.wait_for_function(
        "before => [...document.querySelectorAll('#answer dd')].at(-1).innerText !== before", arg=before
    )
    assert "f.card_age=140" in page.url
    studio.no_complaints()


@pytest.mark.requirement("M56", "M83")
def test_drift_is_computed_under_other_terms_by_pressing_compute(studio: Studio) -> None:
    studio.log_in()
    studio.go(f"{MES}/may/input-drift")
    page = studio.page
    page.get_by_label("Compare with").select_option(label="mes: April")
    page.get_by_role("button", name="Compute").click()
    page.wait_for_url("**compute=yes**")
    assert "Worked out just now" in page.inner_text("main")
    studio.no_complaints()


@pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed; `python ops/assets.py --check` installs it"
)
def test_screens_of_models_and_evaluations_have_no_serious_finding(studio: Studio) -> None:
    version = training.versions(studio.node, "DEMO", "authorized")[0].id
    base = f"/projects/DEMO/models/authorized/versions/{version}"
    screens = (
        "",
        "/confusion",
        "/roc",
        "/what-if",
        "/explanations",
        "/subpopulations",
        "/fairness?column=sector",
    )
    drift = ("", "/input-drift", "/prediction-drift", "/performance-drift")
    studio.log_in()
    found: dict[str, list[str]] = {}
    for path in (
        MES, "/projects/DEMO/models/authorized", "/projects/DEMO/models/authorized/design", f"{MES}/settings",
        "/projects/DEMO/compare?items=mes/april,mes/may&champion=mes/april", *(base + s for s in screens),
        *(f"{MES}/may{d}" for d in drift),
    ):  # fmt: skip
        found |= serious_in_both_looks(studio, path)
    assert not found, told(found)
