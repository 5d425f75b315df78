"""Charts of evaluations: bars or lines, limits, changes of the version; drift; performance laid over each other."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core.drift import FeatureRisk
from penstock.core.drift_report import GlobalDrift, Histogram
from penstock.drawing.charts import drift, performance, theme
from penstock.drawing.charts.evaluations import Mark, Rule, is_lines, spec


def some(count: int) -> list[Mark]:
    return [Mark(n=n, x=f"m{n}", value=0.5 + n / 10, series="current", said=f"run {n}") for n in range(count)]


def drawn(found: dict[str, Any]) -> list[str]:
    return [layer["mark"]["type"] for layer in found["layer"]]


@pytest.mark.requirement("M36")
@pytest.mark.parametrize(("count", "lines"), [(1, False), (2, False), (3, True), (50, True)])
def test_from_three_evaluations_on_there_are_lines(count: int, lines: bool) -> None:
    found = spec("ROC AUC", some(count))
    assert is_lines(found) is lines
    assert ("bar" in drawn(found)) is not lines


def test_limits_and_the_line_of_no_drift_are_drawn_with_their_words() -> None:
    found = spec("Data Drift", some(3), [Rule(value=0.5, said="0.5 = no drift")])
    said = [layer["data"]["values"][0].get("said") for layer in found["layer"]]
    assert said.count("0.5 = no drift") == 2


def test_another_version_is_a_vertical_rule_between_two_evaluations() -> None:
    found = spec("ROC AUC", some(4), versions=[(2, "v2")])
    places = [v["n"] for layer in found["layer"] for v in layer["data"]["values"] if v.get("said") == "v2"]
    assert places == [1.5, 1.5]


def test_the_score_stands_at_its_place_with_its_interval_and_the_line_of_no_drift() -> None:
    svg = drift.score(GlobalDrift(score=0.75, lower=0.73, upper=0.77))
    assert "0.5 no drift" in svg
    assert 'aria-label="Data Drift 0.750, from 0.730 to 0.770; 0.5 is no drift"' in svg
    assert "style=" not in svg
    assert drift.score(GlobalDrift(reason="No column.")) == ""


def test_a_score_under_the_scale_is_drawn_all_the_same() -> None:
    svg = drift.score(GlobalDrift(score=0.15, lower=0.1, upper=0.2))
    places = [float(part.split('"')[0]) for part in svg.split('cx="')[1:]]
    assert all(0 <= place <= drift.WIDTH for place in places)


def test_both_sides_of_a_column_have_their_own_colour() -> None:
    svg = drift.pair(Histogram(reference=(10, 0), current=(5, 5), labels=("a", "b")))
    assert svg.count(theme.REFERENCE) == svg.count(theme.CURRENT) == 2
    assert drift.pair(None) == ""


def test_risky_features_stand_out() -> None:
    found = drift.importance(
        [
            FeatureRisk(column="hour", drift=60.0, model=70.0, risky=True),
            FeatureRisk(column="dest", drift=40.0, model=30.0),
        ]
    )
    values = found["layer"][0]["data"]["values"]
    assert [(v["column"], v["risk"]) for v in values] == [("hour", "risky"), ("dest", "others")]


CURVES: dict[str, Any] = {
    "by_class": {"1": {
        "roc": {"x": [0, 0.5, 1], "y": [0, 0.8, 1]}, "precision_recall": None, "auc": 0.7, "average_precision": None,
        "calibration": [], "density": {"class": [0.2, 0.8], "others": [0.9, 0.1]},
    }},
    "lift": None,
}  # fmt: skip


def test_curves_of_both_sides_are_blue_and_orange() -> None:
    found = performance.roc({"current": CURVES, "reference": CURVES})
    scale = found["layer"][-1]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == theme.SIDES
    assert found["description"] == "ROC curve: current 0.700, reference 0.700"


def test_what_was_not_computed_is_an_empty_chart_and_no_error() -> None:
    for name in ("precision-recall", "gain", "lift", "calibration", "scatter", "errors"):
        assert performance.CHARTS[name]({"current": CURVES})["layer"]


def test_the_threshold_in_use_and_the_best_one_are_marked() -> None:
    points = [
        {
            "threshold": t / 10,
            "precision": 0.5,
            "recall": 1 - t / 10,
            "f1": 0.4 + (t == 3) / 10,
            "accuracy": 0.5,
        }
        for t in range(11)
    ]
    found = performance.decision(points, 0.5)
    said = {v.get("said") for layer in found["layer"] for v in layer["data"]["values"]}
    assert {"best F1 0.3", "in use 0.5"} <= said
