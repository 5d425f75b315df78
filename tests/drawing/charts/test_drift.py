"""Pictures of drift."""

from __future__ import annotations

from penstock.core.drift import feature_risks
from penstock.core.drift_report import GlobalDrift
from penstock.drawing.charts import drift


def test_importances_stand_against_each_other() -> None:
    spec = drift.importance(feature_risks({"a": 3.0, "b": 1.0}, {"a": 1.0, "b": 3.0}))
    assert spec["layer"][0]["mark"]["type"] == "circle"


def test_without_importance_in_the_model_nothing_is_drawn_at_zero() -> None:
    spec = drift.importance(feature_risks({"a": 3.0, "b": 1.0}))
    (layer,) = spec["layer"]
    assert layer["mark"]["type"] == "bar"
    assert [row["value"] for row in layer["data"]["values"]] == [75.0, 25.0]


def test_words_of_neighbours_stand_above_each_other() -> None:
    drifting = {"a": 4.0, "b": 4.1, "c": 4.2, "far": 87.7}
    risks = feature_risks(drifting, {"a": 25.0, "b": 25.0, "c": 25.0, "far": 25.0})
    heights = {v["column"]: v["words_y"] for v in drift.importance(risks)["layer"][1]["data"]["values"]}
    assert len({heights[c] for c in "abc"}) == 3
    assert heights["far"] == 25.0


def test_the_number_of_a_score_near_one_stays_inside_the_picture() -> None:
    drawn = drift.score(GlobalDrift(score=0.997, lower=0.98, upper=0.999))
    place = float(drawn.split(">0.997<")[0].rsplit('x="', 1)[1].split('"')[0])
    assert place <= drift.WIDTH - 20
