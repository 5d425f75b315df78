"""Evaluations without ground truth say what performance to expect; with it, both stand side by side."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from penstock.core import metric, registry
from penstock.core.design import Design
from penstock.core.evaluation import EvaluationStore
from penstock.core.metric import ObjectKey
from penstock.core.model import SavedModel
from penstock.core.node import Node
from penstock.core.outcome import Verdict
from penstock.kinds.recipes import _estimating
from penstock.kinds.recipes._references import Kept
from penstock.ml import estimation, model_file
from penstock.ml.task import Task
from penstock.ml.test_set import TEST
from penstock.runtime import logs
from tests.kinds.recipes.fraud import (
    a_bank,
    add,
    detail,
    evaluated,
    fares,
    fill,
    recipe,
    run,
    table,
    trained,
    transactions,
)
from tests.ml.test_estimation import scored
from tests.runtime.stage import change

AUC = "performance:auc"
EXPECTED = "estimated:auc"


def bank(tmp_path: Path, rows: pa.Table) -> Node:
    node = trained(tmp_path)
    fill(node, "may", rows)
    return node


def test_without_ground_truth_performance_is_expected_and_with_it_measured_beside(tmp_path: Path) -> None:
    rows = transactions(3000, seed=2)
    node = bank(tmp_path, rows.drop_columns(["authorized_flag"]))
    blind = evaluated(node, skip_performance=True, evaluation_id="may")
    assert AUC not in blind.metrics
    assert (
        blind.metrics["estimated:auc:lower"] < blind.metrics[EXPECTED] < blind.metrics["estimated:auc:upper"]
    )
    fill(node, "may", rows)
    seen = evaluated(node, evaluation_id="may")
    assert seen.metrics[EXPECTED] == blind.metrics[EXPECTED]
    assert seen.metrics["estimated:auc:lower"] <= seen.metrics[AUC] <= seen.metrics["estimated:auc:upper"]


def test_what_it_rests_on_is_kept_with_the_evaluation(tmp_path: Path) -> None:
    node = bank(tmp_path, transactions(400, seed=2))
    found = evaluated(node, skip_performance=True)
    told = detail(node, found)["estimated"]
    assert (told["method"], told["rows"], told["confidence"], told["reason"]) == ("CBPE", 400, 0.95, "")
    assert told["calibration"] in ("none", "sigmoid", "isotonic")
    assert told["reference_rows"] > 100
    assert told["scores"]["auc"]["value"] == found.metrics[EXPECTED]
    assert "Estimated without labels (confidence-based performance estimation): " in logs.read(
        node, found.job
    )


def test_cards_that_age_make_the_model_expect_other_scores(tmp_path: Path) -> None:
    """Where nearly everybody is authorized, accuracy is high; nobody has looked at the truth."""
    node = bank(tmp_path, transactions(2000, seed=2, shift=1.5))
    moved = evaluated(node, evaluation_id="moved")
    fill(node, "may", transactions(2000, seed=3))
    same = evaluated(node, evaluation_id="same")
    for one in (moved, same):
        assert abs(one.metrics["estimated:accuracy"] - one.metrics["performance:accuracy"]) < 0.05
    assert moved.metrics["estimated:accuracy"] > same.metrics["estimated:accuracy"] + 0.05


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    node = bank(tmp_path, transactions(400, seed=2))
    found = evaluated(node, estimate_performance=False)
    assert not [i for i in found.metrics if i.startswith("estimated:")]
    assert "switched off" in detail(node, found)["estimated"]["reason"]


def test_a_version_from_before_there_were_estimates_learns_from_the_test_rows_it_keeps(
    tmp_path: Path,
) -> None:
    node = bank(tmp_path, transactions(400, seed=2))
    before = evaluated(node, evaluation_id="before").metrics[EXPECTED]
    version = node.models.versions("P", "authorized")[0]
    folder = tmp_path / "older"
    shutil.copytree(node.models.files("P", version.model, version.id), folder)
    (folder / estimation.FILE).unlink()
    opened = model_file.load(folder)
    task = Task(
        prediction_type="binary", target=opened.target, classes=opened.classes, proba=opened.proba_columns
    )  # fmt: skip
    older = Kept(version, folder, None, None, {})
    found = _estimating.of_version(older, opened, task)
    assert found is not None
    assert found.learned == estimation.read(node.models.files("P", version.model, version.id))
    assert before > 0.5
    (folder / TEST).unlink()
    assert _estimating.of_version(older, opened, task) is None


def test_a_regression_expects_its_errors(tmp_path: Path) -> None:
    design = registry.validate(Design, {"target": "fare", "algorithms": ["ridge"], "importance": "off"})
    node = a_bank(tmp_path)
    change(node, models={"fare": SavedModel(design=design)})
    fill(node, "rides", fares(800))
    add(node, learn=recipe("train", input="rides", model="fare"))
    run(node, "learn")
    add(node, judge=recipe("evaluate", input="rides", model="fare", store="mes"))
    run(node, "judge")
    found = node.evaluations.latest("P", "mes")
    assert found is not None
    assert found.metrics["estimated:mae"] == pytest.approx(found.metrics["performance:mae"], rel=0.1)
    assert "no mean" in detail(node, found)["estimated"]["unavailable"]["r2"]


def test_an_estimate_is_a_metric_of_the_store_with_a_name_and_can_be_checked() -> None:
    assert metric.label(EXPECTED) == "ROC AUC (estimated)"
    assert metric.label("estimated:auc:lower") == "ROC AUC (estimated, lower bound)"
    assert metric.id_of("ROC AUC (estimated)") == EXPECTED
    assert metric.bounds(EXPECTED) == ("estimated:auc:lower", "estimated:auc:upper")
    assert metric.measured_id(EXPECTED) == AUC


def test_a_check_of_an_estimate_warns(tmp_path: Path) -> None:
    node = bank(tmp_path, transactions(400, seed=2).drop_columns(["authorized_flag"]))
    check = registry.parse("checks", {
        "type": "numeric_range", "name": "Expected", "metric": "ROC AUC (estimated)", "soft_minimum": 0.99,
        "on_build": True,
    })  # fmt: skip
    change(node, evaluation_stores={"mes": EvaluationStore(checks=(check,))})
    evaluated(node, skip_performance=True)
    key = ObjectKey(project="P", type="evaluation_store", name="mes")
    assert {EXPECTED, "estimated:auc:lower"} <= node.metrics.last(key).keys()
    assert [r.verdict for r in node.metrics.last_results(key).values()] == [Verdict.WARNING]


def test_the_metrics_dataset_has_estimates_under_names_of_their_own(tmp_path: Path) -> None:
    node = bank(tmp_path, transactions(400, seed=2))
    found = evaluated(node, metrics="out", metrics_to_save=["auc", "estimated_auc"])
    row = table(node, "out").to_pylist()[0]
    assert (row["auc"], row["estimated_auc"]) == (found.metrics[AUC], found.metrics[EXPECTED])
    assert "estimated_f1" not in row


def test_an_evaluation_elsewhere_learns_from_its_reference(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    fill(node, "before", scored(2000, seed=1).append_column("x", pa.array(range(2000))))
    fill(node, "now", scored(1500, seed=2).drop_columns(["y"]).append_column("x", pa.array(range(1500))))
    words: dict[str, object] = {
        "input": "now", "store": "mes", "prediction_type": "binary", "classes": ["0", "1"], "prediction": "prediction",
        "target": "y", "probabilities": {"0": "p0", "1": "p1"}, "skip_performance": True,
    }  # fmt: skip
    add(node, judge=recipe("standalone_evaluate", reference="before", **words))
    run(node, "judge")
    found = node.evaluations.latest("P", "mes")
    assert found is not None
    assert found.metrics[EXPECTED] == pytest.approx(5 / 6, abs=0.03)
    add(node, judge=recipe("standalone_evaluate", **words))
    run(node, "judge")
    found = node.evaluations.latest("P", "mes")
    assert found is not None
    assert "no reference" in detail(node, found)["estimated"]["reason"]
