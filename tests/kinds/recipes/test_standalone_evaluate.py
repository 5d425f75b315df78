"""Standalone evaluate: the same measures for rows somebody else scored."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.core import metric
from penstock.core.errors import InvalidDefinition, JobFailed
from penstock.core.evaluation import Evaluation
from penstock.core.node import Node
from penstock.runtime import evaluations
from tests.kinds.recipes.fraud import add, detail, evaluated, fill, recipe, run, table, trained, transactions

BINARY = {
    "prediction_type": "binary", "target": "authorized_flag", "prediction": "prediction",
    "classes": ["0", "1"], "probabilities": {"0": "proba_0", "1": "proba_1"}, "features": {"transaction_id": False},
}  # fmt: skip


def standalone(node: Node, **settings: object) -> Evaluation:
    add(node, alone=recipe("standalone_evaluate", input="scored", store="other", **settings))
    run(node, "alone")
    return evaluations.newest(node, "P", "other")


def a_bank_with_scores(tmp_path, rows: pa.Table | None = None) -> Node:
    """The bank with dataset `scored`, as Score wrote it."""
    node = trained(tmp_path)
    fill(node, "may", transactions(1200, seed=2) if rows is None else rows)
    add(node, score_it=recipe("score", input="may", model="authorized", output="scored"))
    run(node, "score_it")
    return node


def counted(folder, **pairs: int) -> Node:
    """A node with dataset `scored`: yes_no=3 makes 3 rows whose truth is yes and whose guess is no."""
    node = trained(folder)
    rows = [name.split("_") for name, count in pairs.items() for _ in range(count)]
    fill(node, "scored", pa.table({"truth": [t for t, _ in rows], "guess": [g for _, g in rows]}))
    return node


@pytest.mark.requirement("M29")
def test_it_measures_what_evaluate_measures(tmp_path):
    node = a_bank_with_scores(tmp_path)
    with_model = evaluated(node).metrics
    alone = standalone(node, threshold=0.4, **BINARY).metrics
    codes = ("accuracy", "auc", "logLoss", "f1", "costMatrixGain")
    wanted = [metric.performance_id(c) for c in codes]
    assert {i: alone[i] for i in wanted} == {i: with_model[i] for i in wanted}


@pytest.mark.requirement("M30")
def test_drift_needs_a_reference_dataset(tmp_path):
    node = a_bank_with_scores(tmp_path)
    bare = standalone(node, **BINARY)
    assert metric.DATA_DRIFT not in bare.metrics
    assert "no reference" in detail(node, bare)["drift"]["possible"]["input"]
    with_reference = standalone(node, reference="history", **BINARY)
    assert metric.DATA_DRIFT in with_reference.metrics
    columns = detail(node, with_reference)["drift"]["report"]["score"]["columns"]
    assert sorted(columns) == ["amount", "card_age", "sector"]


@pytest.mark.requirement("M30")
def test_without_a_model_it_needs_no_prediction_column(tmp_path):
    node = trained(tmp_path)
    fill(node, "scored", transactions(1200, seed=2))
    found = standalone(node, reference="history", has_model=False, features={"transaction_id": False})
    assert metric.DATA_DRIFT in found.metrics
    assert found.prediction_type is None
    assert not [m for m in found.metrics if m.startswith(("performance:", "prediction_drift:"))]


@pytest.mark.requirement("M31")
def test_the_default_gains_make_0_37_a_row_of_40_10_40_10(tmp_path):
    node = counted(tmp_path, yes_yes=40, no_yes=10, no_no=40, yes_no=10)
    found = standalone(
        node, prediction_type="binary", target="truth", prediction="guess", classes=["no", "yes"]
    )
    assert found.metrics["performance:costMatrixGain"] == pytest.approx(0.37)


def test_gains_can_be_changed(tmp_path):
    node = counted(tmp_path, yes_yes=40, no_yes=10, no_no=40, yes_no=10)
    gains = {"cost_matrix": {"tp": 0, "fp": -1, "tn": 0, "fn": -2}}
    found = standalone(
        node, prediction_type="binary", target="truth", prediction="guess", classes=["no", "yes"],
        metric_settings=gains,
    )  # fmt: skip
    assert found.metrics["performance:costMatrixGain"] == pytest.approx(-0.3)


def test_the_threshold_is_the_one_with_the_best_f1_unless_forced(tmp_path):
    node = a_bank_with_scores(tmp_path)
    best, forced = standalone(node, **BINARY), standalone(node, threshold=0.9, **BINARY)
    assert best.metrics["performance:f1"] > forced.metrics["performance:f1"]
    assert detail(node, forced)["task"]["threshold"] == 0.9
    assert best.metrics["performance:auc"] == forced.metrics["performance:auc"]


@pytest.mark.requirement("M78")
def test_a_forced_threshold_counts_even_without_performance(tmp_path):
    node = a_bank_with_scores(tmp_path)
    fill(node, "reference_rows", table(node, "scored"))
    found = standalone(node, threshold=0.9, skip_performance=True, reference="reference_rows", **BINARY)
    shares = detail(node, found)["drift"]["report"]["prediction"]["fugacity"]
    expected = 100 * float(np.mean(table(node, "scored")["proba_1"].to_numpy() >= 0.9))
    assert next(s for s in shares if s["label"] == "1")["current"] == pytest.approx(expected)


def test_performance_of_the_reference_is_kept_for_comparison(tmp_path):
    node = a_bank_with_scores(tmp_path)
    fill(node, "reference_rows", table(node, "scored"))
    found = standalone(node, threshold=0.4, reference="reference_rows", **BINARY)
    reference = detail(node, found)["drift"]["reference"]["metrics"]
    assert reference["performance:auc"] == found.metrics["performance:auc"]


@pytest.mark.requirement("M14")
def test_without_truth_the_message_names_the_option(tmp_path):
    node = a_bank_with_scores(tmp_path, transactions(300).drop_columns(["authorized_flag"]))
    with pytest.raises(JobFailed, match="skip_performance"):
        standalone(node, **BINARY)


@pytest.mark.requirement("M79")
def test_a_class_on_one_side_only_has_0_percent_on_the_other(tmp_path):
    node = trained(tmp_path)
    columns = {"x": np.arange(100.0), "guess": ["a"] * 50 + ["b"] * 50}
    fill(node, "before", pa.table(columns))
    fill(node, "scored", pa.table({**columns, "guess": ["a"] * 50 + ["c"] * 50}))
    found = standalone(
        node, prediction_type="multiclass", prediction="guess", classes=["a", "b", "c"],
        skip_performance=True, reference="before",
    )  # fmt: skip
    shares = {s["label"]: s for s in detail(node, found)["drift"]["report"]["prediction"]["fugacity"]}
    assert (shares["b"]["reference"], shares["b"]["current"]) == (50.0, 0.0)
    assert (shares["c"]["reference"], shares["c"]["current"], shares["c"]["relative_change"]) == (
        0.0,
        50.0,
        None,
    )


def test_an_empty_prediction_can_stand_for_a_class(tmp_path):
    node = trained(tmp_path)
    fill(node, "scored", pa.table({"truth": ["a", "b", "c", "c"], "guess": ["a", "b", "c", None]}))
    settings = {
        "prediction_type": "multiclass", "target": "truth", "prediction": "guess", "classes": ["a", "b", "c"],
    }  # fmt: skip
    assert detail(node, standalone(node, **settings))["dataset"]["judged"] == 3
    filled = standalone(node, **settings, empty_prediction="c")
    assert filled.metrics["performance:accuracy"] == 1.0


def test_a_class_that_never_occurs_is_a_diagnostic(tmp_path):
    node = counted(tmp_path, a_a=5, b_b=5)
    found = standalone(
        node, prediction_type="multiclass", target="truth", prediction="guess", classes=["a", "b", "c"]
    )
    assert any(d["type"] == "missing_classes" and "c" in d["message"] for d in found.diagnostics)


def test_weights_count(tmp_path):
    node = trained(tmp_path)
    columns = {"truth": [1.0, 2.0], "guess": [1.0, 4.0], "w": [3.0, 1.0]}
    fill(node, "scored", pa.table(columns))
    found = standalone(node, prediction_type="regression", target="truth", prediction="guess", weight="w")
    assert found.metrics["performance:mae"] == pytest.approx(0.5)


def test_gaps_in_the_metrics_fail_the_run_only_when_asked_to(tmp_path):
    node = counted(tmp_path, yes_yes=40, no_no=40)
    settings = {
        "prediction_type": "binary",
        "target": "truth",
        "prediction": "guess",
        "classes": ["no", "yes"],
    }
    assert "performance:auc" not in standalone(node, **settings).metrics
    with pytest.raises(JobFailed, match="ROC AUC: It needs probabilities"):
        standalone(node, **settings, fails_on_metric_errors=True)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"prediction": ""}, "prediction column is needed"),
        ({"target": ""}, "needs the target column"),
        ({"classes": []}, "needs its classes"),
        ({"probabilities": {"0": "p"}}, "for every class, or for none"),
        ({"empty_prediction": "7"}, "none of the classes"),
    ],
)
def test_incomplete_settings_are_refused(broken, says):
    settings = {**BINARY, **({"probabilities": {}} if "prediction" in broken else {}), **broken}
    with pytest.raises(InvalidDefinition, match=says):
        recipe("standalone_evaluate", input="a", store="mes", **settings)


def test_a_missing_column_is_named(tmp_path):
    node = counted(tmp_path, yes_yes=5, no_no=5)
    with pytest.raises(JobFailed, match=r"no column .gues.\..*guess"):
        standalone(node, prediction_type="binary", target="truth", prediction="gues", classes=["no", "yes"])
