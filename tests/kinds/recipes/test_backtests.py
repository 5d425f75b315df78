"""Evaluate with a model that continues series, and what follows from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import metric
from penstock.core.errors import JobFailed
from penstock.core.node import Node
from penstock.core.outcome import Verdict
from penstock.runtime import checks, evaluations, training
from penstock.testing import KEY, a_project, build, fill, rows
from tests.ml.shops import DESIGN, sales
from tests.web.pages.shopping import shops

FORCED = "NON_RECURSIVE_FORCED_BUILD"
LOOK_BACK = {"type": "evaluate", "input": "later", "model": "demand", "store": "backtests"}


def look_back(node: Node, **settings: Any) -> None:
    a_project(node, {"recipes/look_back": {**LOOK_BACK, **settings}})
    build(node, "look_back", mode=FORCED, key=KEY)


def test_a_forecast_is_evaluated_on_the_rows_it_has_not_learned(tmp_path: Path) -> None:
    node = shops(tmp_path)
    (found,) = evaluations.page(node, KEY, "backtests").evaluations
    assert (found.prediction_type, found.rows, found.main_metric) == ("forecast", 60, "performance:mase")
    codes = {"mase", "mape", "smape", "rmse", "mae", "meanQuantileLoss", "coverageError"}
    assert codes <= {i.partition(":")[2] for i in found.metrics if i.startswith("performance:")}
    assert {"coverage:0.1", "coverage:0.5", "coverage:0.9", "worst:mase"} <= set(found.metrics)
    assert found.metrics["performance:mase"] < 1
    assert (found.labels["evaluation:judged-from"], found.labels["evaluation:judged-to"]) == (
        "2024-04-30", "2024-05-29",
    )  # fmt: skip
    assert metric.label("coverage:0.9") == "Values at or below quantile 0.9"


def test_the_datasets_hold_every_forecast_and_one_row_of_metrics(tmp_path: Path) -> None:
    node = shops(tmp_path)
    a_project(node, {"datasets/judged": {"type": "managed"}, "datasets/measured": {"type": "managed"}})
    look_back(node, output="judged", metrics="measured", metrics_to_save=["mase"])
    assert {row["step"] for row in rows(node, "judged")} == {1, 2, 3, 4, 5}
    (measured,) = rows(node, "measured")
    assert measured["mase"] == evaluations.newest(node, KEY, "backtests").metrics["performance:mase"]
    assert "auc" not in measured


def test_a_check_judges_a_backtest(tmp_path: Path) -> None:
    node = shops(tmp_path)
    limits = [{"type": "numeric_range", "name": "Good", "metric": "MASE", "maximum": 1}]
    a_project(node, {"evaluations/backtests": {"checks": limits}})
    look_back(node)
    assert [each.verdict for each in checks.run(node, KEY, "backtests")] == [Verdict.OK]


@pytest.mark.parametrize("settings", [
    {"skip_scoring": True}, {"sampling": {"type": "first", "n": 10}}, {"skip_performance": True},
    {"custom_metrics": [{"name": "own", "code": "def metric(truth): return 1.0"}]}, {"api_node_logs": True},
])  # fmt: skip
def test_what_means_nothing_for_a_forecast_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    node = shops(tmp_path)
    with pytest.raises(JobFailed, match=f"`{next(iter(settings))}` cannot be used with a forecast"):
        look_back(node, **settings)


def test_a_date_that_is_none_is_told(tmp_path: Path) -> None:
    node = shops(tmp_path)
    with pytest.raises(JobFailed, match="judged_from: 'May' is no date"):
        look_back(node, judged_from="May")


def challenged(tmp_path: Path) -> Node:
    """The seasonal naive is active; gradient boosting has learned as many rows and is not."""
    node = shops(tmp_path)
    a_project(node, {"models/demand": {"forecast": {**DESIGN, "forecasters": ["seasonal_naive"]}}})
    build(node, "learn_demand", mode=FORCED, key=KEY)
    a_project(node, {"models/demand": {"forecast": DESIGN, "activation": "manual"}})
    build(node, "learn_demand", mode=FORCED, key=KEY)
    return node


def test_a_better_forecast_is_promoted_and_a_worse_one_is_not(tmp_path: Path) -> None:
    node = challenged(tmp_path)
    better, worse = (v.id for v in training.versions(node, KEY, "demand")[:2])
    found = training.promote(node, KEY, "demand", by="ann")
    assert (found.promoted, found.comparable, training.active(node, KEY, "demand")) == (True, True, better)
    assert found.on == "the rows held back from training"
    back = training.promote(node, KEY, "demand", worse, by="ann", metric="MAE")
    assert (back.promoted, back.comparable) == (False, True)
    odd = training.promote(node, KEY, "demand", worse, by="ann", metric="ROC AUC")
    assert (odd.promoted, odd.comparable) == (False, False)
    assert "MASE" in odd.why


def test_a_retrain_on_newer_rows_is_compared_with_the_active_version_on_those(tmp_path: Path) -> None:
    node = challenged(tmp_path)
    fill(node, "sales", sales(140))
    build(node, "learn_demand", mode=FORCED, key=KEY)
    found = training.promote(node, KEY, "demand", by="ann")
    assert (found.promoted, found.comparable) == (True, True), found.why


def test_versions_are_compared_on_backtests_of_the_same_days_only(tmp_path: Path) -> None:
    node = challenged(tmp_path)
    new, old = (v.id for v in training.versions(node, KEY, "demand")[:2])
    look_back(node, version=old)
    look_back(node, version=new, judged_from="2024-05-10")
    apart = training.promote(node, KEY, "demand", by="ann", store="backtests")
    assert (apart.comparable, apart.promoted) == (False, False)
    look_back(node, version=old, judged_from="2024-05-10")
    assert training.promote(node, KEY, "demand", by="ann", store="backtests").promoted


def test_backtests_are_compared_side_by_side(tmp_path: Path) -> None:
    node = shops(tmp_path)
    version = training.versions(node, KEY, "demand")[0]
    found = evaluations.compare(node, KEY, ["backtests/may", f"demand/{version.id}"])
    assert found.prediction_type == "forecast"
    assert {"performance:mase", "performance:coverageError"} <= {row.key for row in found.rows}
