"""Screens of evaluations and of models on dashboards."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from penstock.core import registry
from penstock.core.drift import FeatureRisk
from penstock.core.drift_report import ClassShare, DriftReport, GlobalDrift, PredictionDrift, Univariate
from penstock.core.model import ModelVersion
from penstock.core.node import Node
from penstock.core.tile import Facts, Figure, Plot, Table
from penstock.runtime import evaluations
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world, part, shown, told

LINE = {"x": [0.0, 1.0], "y": [0.0, 1.0]}
OF_CLASS = {
    "roc": LINE, "precision_recall": LINE, "auc": 0.7, "average_precision": 0.5,
    "calibration": [{"predicted": 0.1, "observed": 0.2, "rows": 3}], "density": {"class": [0.5, 0.5], "others": [1, 0]},
}  # fmt: skip
CURVES = {
    "classes": ["0", "1"], "confusion": [[8.0, 2.0], [1.0, 9.0]], "lift": {"gain": LINE}, "by_class": {"1": OF_CLASS},
    "decision": [{"threshold": 0.5, "precision": 0.8, "recall": 0.9, "f1": 0.85}],
    "errors": {"table": {"mean": 0.1}}, "scatter": {"x": [1.0], "y": [2.0]},
}  # fmt: skip
SHARE = ClassShare(label="1", reference=60, current=40, difference=-20, relative_change=-33)
REPORT = DriftReport(
    score=GlobalDrift(score=0.71, lower=0.7, upper=0.72, p_value=1e-9, verdict="drift detected"),
    univariate=Univariate(columns=()), risks=(FeatureRisk(column="hour", drift=20.0, model=30.0, risky=True),),
    prediction=PredictionDrift(fugacity=(SHARE,)),
    reference="the test set",
)  # fmt: skip
DETAIL = {
    "performance": {"curves": CURVES}, "task": {"threshold": 0.5, "metric_settings": {}},
    "drift": {
        "report": REPORT.to_dict(), "reference": {"description": "test set", "metrics": {"performance:auc": 0.75}},
    },
}  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_world(tmp_path)
    metrics = {"performance:auc": 0.7, "drift:DATA_DRIFT": 0.71, "univariate:hour:ks": 0.1}
    evaluations.push(made, KEY, "mes", metrics, name="May", detail=DETAIL, prediction_type="binary")
    files = tmp_path / "version"
    files.mkdir()
    report = {"curves": CURVES, "importances": {"shapley": {"hour": 0.7, "dest": 0.3}}}
    (files / "report.json").write_text(json.dumps(report))
    (files / "manifest.json").write_text("{}")
    version = ModelVersion(
        project=KEY, model="late", id="v1", name="LightGBM - v1", created_at=datetime(2026, 5, 1, tzinfo=UTC),
        target="late", prediction_type="binary", algorithm="LightGBM", metrics={"auc": 0.7}, main_metric="auc",
        test_rows=100,
    )  # fmt: skip
    made.models.add(version, files, activate=True)
    return made


def screens(kind: str) -> tuple[str, ...]:
    return get_args(registry.kind("tiles", kind).model_fields["screen"].annotation)


@pytest.mark.parametrize("screen", screens("evaluation"))
def test_every_screen_of_an_evaluation_shows_something(node: Node, screen: str) -> None:
    found = shown(node, {"type": "evaluation", "store": "mes", "screen": screen})
    assert found.badge == "May"
    assert found.as_of is not None
    assert all(isinstance(p, Figure | Plot | Table | Facts) for p in found.parts), found.parts


@pytest.mark.parametrize("screen", screens("model_report"))
def test_every_screen_of_a_model_shows_something(node: Node, screen: str) -> None:
    found = shown(node, {"type": "model_report", "model": "late", "screen": screen})
    assert found.badge == "LightGBM - v1"
    assert all(isinstance(p, Figure | Plot | Table | Facts) for p in found.parts), found.parts


def test_a_tile_about_the_newest_evaluation_follows_it(node: Node) -> None:
    evaluations.push(node, KEY, "mes", {"performance:auc": 0.6}, name="June", prediction_type="binary")
    assert shown(node, {"type": "evaluation", "store": "mes"}).badge == "June"


def test_numbers_stand_as_they_are(node: Node) -> None:
    figure, facts = shown(node, {"type": "evaluation", "store": "mes", "screen": "input drift"}).parts
    assert (figure.value, figure.says) == ("0.71", "drift detected")
    assert ("p-value", "< 0.00001") in facts.rows
    confusion = part(node, {"type": "evaluation", "store": "mes", "screen": "confusion"})
    assert confusion.rows == (("0", "8 (80%)", "2 (20%)"), ("1", "1 (10%)", "9 (90%)"))
    importance = part(node, {"type": "model_report", "model": "late", "screen": "importance"})
    assert [row["feature"] for row in importance.rows] == ["hour", "dest"]


def test_what_an_evaluation_does_not_hold_is_told(node: Node) -> None:
    evaluations.push(node, KEY, "mes", {"revenue": 3.0}, name="bare")
    assert "no roc" in told(node, {"type": "evaluation", "store": "mes", "screen": "roc"}).says
    assert told(node, {"type": "evaluation", "store": "mes", "screen": "drift risk"}).says
    assert (
        "ground truth"
        in told(node, {"type": "evaluation", "store": "mes", "screen": "performance drift"}).says
    )


def test_a_model_without_a_version_says_so(tmp_path: Path) -> None:
    assert "version" in told(a_world(tmp_path), {"type": "model_report", "model": "late"}).says
