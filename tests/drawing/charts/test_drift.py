"""Pictures of drift."""

from __future__ import annotations

from penstock.core.drift import feature_risks
from penstock.drawing.charts import drift


def test_importances_stand_against_each_other() -> None:
    spec = drift.importance(feature_risks({"a": 3.0, "b": 1.0}, {"a": 1.0, "b": 3.0}))
    assert spec["layer"][0]["mark"]["type"] == "circle"


def test_without_importance_in_the_model_nothing_is_drawn_at_zero() -> None:
    spec = drift.importance(feature_risks({"a": 3.0, "b": 1.0}))
    (layer,) = spec["layer"]
    assert layer["mark"]["type"] == "bar"
    assert [row["value"] for row in layer["data"]["values"]] == [75.0, 25.0]
