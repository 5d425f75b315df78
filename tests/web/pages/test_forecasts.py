"""The pages of a model that continues series."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import training
from penstock.testing import KEY, a_node, a_project, build, fill
from tests.ml.shops import DESIGN, sales
from tests.web.browser import a_browser
from tests.web.pages.shopping import shops
from tests.web.pages.test_evaluations import specs

MODEL = f"/projects/{KEY}/models/demand"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return shops(tmp_path)


def test_every_screen_of_a_forecast_shows_something_sensible(node: Node) -> None:
    browser = a_browser(node)
    version = f"{MODEL}/versions/{training.versions(node, KEY, 'demand')[0].id}"
    summary = browser.get(version)
    assert "MASE" in summary.text
    screens = sorted({link.rpartition("/")[2] for link in summary.links if link.startswith(f"{version}/")})
    assert {"forecast", "series", "metrics", "algorithm", "training"} <= set(screens)
    assert not {"confusion", "roc", "what-if", "dependence", "scatter"} & set(screens)
    assert browser.get(MODEL).status == 200
    assert browser.get(f"/projects/{KEY}/models").status == 200
    for screen in screens:
        assert browser.get(f"{version}/{screen}").status == 200, screen
    assert len(specs(browser.get(f"{version}/forecast"))) == 3, "two shops, and the error by step"
    assert "A" in browser.get(f"{version}/series").text


def test_a_forecast_is_designed_on_a_page_of_its_own(node: Node) -> None:
    browser = a_browser(node)
    browser.post_from(f"{MODEL}/design", {"forecast.horizon": "7"}, form="edit", status=303)
    design = node.projects.load(KEY).model("demand").forecast
    assert design is not None
    assert (design.horizon, design.series, design.externals) == (7, ("shop",), ("holiday",))
    refused = browser.post_from(f"{MODEL}/design", {"forecast.time": "sales"}, form="edit", status=422)
    assert "two roles" in refused.text


def test_a_new_model_can_be_given_a_forecast(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"models/demand": {}})
    browser = a_browser(node)
    assert f"{MODEL}/design?of=forecast" in browser.get(f"{MODEL}/design").links
    told = {"forecast.target": "sales", "forecast.time": "day"}
    browser.post_from(f"{MODEL}/design?of=forecast", told, form="edit", status=303)
    design = node.projects.load(KEY).model("demand").forecast
    assert design is not None
    assert (design.target, design.time, design.horizon) == ("sales", "day", 7)


def test_the_settings_of_the_model_leave_its_design_alone(node: Node) -> None:
    browser = a_browser(node)
    before = node.projects.load(KEY).model("demand")
    browser.post_from(f"{MODEL}/settings", {"title": "Demand of tomorrow"}, form="edit", status=303)
    assert node.projects.load(KEY).model("demand") == before.changed(title="Demand of tomorrow")


def test_a_retrained_forecast_is_compared_on_the_page_of_the_model(node: Node) -> None:
    a_project(node, {"models/demand": {"forecast": DESIGN, "activation": "manual"}})
    fill(node, "sales", sales(140))
    build(node, "learn_demand", mode="NON_RECURSIVE_FORCED_BUILD", key=KEY)
    browser, before = a_browser(node), training.active(node, KEY, "demand")
    page = browser.get(MODEL)
    assert "the rows held back from training it" in page.text
    told = browser.follow(
        browser.post(f"{MODEL}/promote", {**page.form_values("/promote"), "margin": "1000"})
    )
    assert "Not promoted: MASE" in told.text
    assert training.active(node, KEY, "demand") == before
