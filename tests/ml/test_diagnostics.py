"""Every diagnostic fires at its number and not before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from penstock.core.design import DiagnosticSwitches
from penstock.ml.diagnostics import Facts, diagnose

from .models import trained


def types(prediction_type: str = "binary", **facts: Any) -> set[str]:
    facts.setdefault("classes", () if prediction_type == "regression" else (0, 1))
    return {d.type for d in diagnose(Facts(prediction_type=prediction_type, **facts))}  # type: ignore[arg-type]


def shares(*counts: int) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


@pytest.mark.requirement("M88")
@pytest.mark.parametrize(("rows", "fires"), [(999, True), (1000, False)])
def test_small_sets(rows: int, fires: bool) -> None:
    assert ("train_set_too_small" in types(train_rows=rows)) is fires
    assert ("test_set_too_small" in types(test_rows=rows)) is fires


@pytest.mark.requirement("M88")
def test_a_target_distributed_differently() -> None:
    kind = "target_distribution_differs"
    assert kind in types(train_target=shares(500, 500), test_target=shares(300, 200))
    assert kind not in types(train_target=shares(500, 500), test_target=shares(255, 245))
    a, b = np.linspace(0, 1, 500), np.linspace(0, 1.4, 500)
    assert kind in types("regression", train_target=a, test_target=b)
    assert kind not in types("regression", train_target=a, test_target=a)
    many = np.linspace(0, 1, 5000)
    assert kind in types("regression", train_target=many, test_target=many * 1.1)


def test_rare_classes() -> None:
    assert "imbalanced_classes" in types(train_target=shares(945, 55))
    assert "imbalanced_classes" not in types(train_target=shares(93, 7))
    assert "imbalanced_classes" not in types(train_target=shares(34, 33, 33), classes=("a", "b", "c"))


def test_a_class_that_no_test_row_shows() -> None:
    assert "missing_classes" in types(test_target=shares(10, 0))
    assert "missing_classes" not in types(test_target=shares(10, 1))


@pytest.mark.requirement("M88")
@pytest.mark.parametrize(("dropped", "fires"), [(1001, True), (1000, False)])
def test_rows_dropped(dropped: int, fires: bool) -> None:
    found = diagnose(
        Facts(
            prediction_type="regression",
            train_rows=2000 - dropped,
            dropped_rows=dropped,
            dropped_by={"age": dropped},
        )
    )
    assert any(d.type == "rows_dropped" and "age" in d.message for d in found) is fires


@pytest.mark.requirement("M88")
@pytest.mark.parametrize(
    ("metric", "kind"), [("auc", "binary"), ("mrocAUC", "multiclass"), ("r2", "regression")]
)
def test_too_good_to_be_true(metric: str, kind: str) -> None:
    assert "too_good_to_be_true" in types(kind, metrics={metric: 0.981})
    assert "too_good_to_be_true" not in types(kind, metrics={metric: 0.98})


@pytest.mark.requirement("M88")
def test_a_dominant_feature() -> None:
    assert "feature_dominates" in types(shapley={"a": 0.81, "b": 0.19})
    assert "feature_dominates" not in types(shapley={"a": 0.8, "b": 0.2})
    assert "feature_dominates" not in types(shapley={"a": 1.0})


@pytest.mark.requirement("M88")
def test_almost_always_the_same_class() -> None:
    assert "almost_always_same_class" in types(predicted=shares(992, 8))
    assert "almost_always_same_class" not in types(predicted=shares(99, 1))


def test_no_better_than_a_dummy() -> None:
    truth = shares(700, 300)
    assert "not_better_than_dummy" in types(predicted=shares(1000, 0), truth=truth)
    assert "not_better_than_dummy" not in types(predicted=truth, truth=truth)
    assert "not_better_than_dummy" not in types(predicted=shares(1000, 0), truth=truth, metrics={"auc": 0.8})
    assert "not_better_than_dummy" in types(predicted=shares(1000, 0), truth=truth, metrics={"auc": 0.51})


def test_low_r2() -> None:
    assert types("regression", metrics={"r2": -0.01}) == {"worse_than_mean"}
    assert types("regression", metrics={"r2": 0.05}) == {"low_r2"}
    assert types("regression", metrics={"r2": 0.1}) == set()


def test_trees_that_know_the_rows_by_heart() -> None:
    assert "pure_leaves" in types(pure_trees=[True, True])
    assert "pure_leaves" not in types(pure_trees=[True, False])
    assert "too_many_leaves" in types("regression", leaves=[0.6, 0.6, *[0.1] * 9])
    assert "too_many_leaves" not in types("regression", leaves=[0.6, *[0.1] * 9])


def test_slow_training_and_failed_calculations() -> None:
    assert "slow_training" in types(seconds=121)
    assert "slow_training" not in types(seconds=120)
    [found] = diagnose(Facts(prediction_type="binary", failures={"late_cost": "division by zero"}))
    assert found.message == "Calculation of late_cost failed: division by zero"


def test_groups_can_be_switched_off() -> None:
    facts = Facts(prediction_type="binary", train_rows=10, seconds=500)
    assert {d.group for d in diagnose(facts, DiagnosticSwitches(off=("dataset_sanity",)))} == {
        "training_speed"
    }
    assert diagnose(facts, DiagnosticSwitches(enabled=False)) == ()


def test_nothing_known_is_nothing_to_warn_of() -> None:
    assert diagnose(Facts(prediction_type="binary")) == ()


@pytest.mark.requirement("M88")
def test_training_looks_for_all_of_them() -> None:
    found = {d.type for d in trained().diagnostics}
    assert found >= {"train_set_too_small", "test_set_too_small"}
    others = dict.fromkeys(("count", "city", "age", "when"), "reject")
    leaking = trained(algorithm="logistic_regression", features={"minutes": "input", **others})
    assert "feature_dominates" in {d.type for d in leaking.diagnostics}
    deep = trained(algorithm={"type": "decision_tree", "max_depth": None})
    assert "pure_leaves" in {d.type for d in deep.diagnostics}
    dummy = trained(algorithm="dummy")
    assert {"not_better_than_dummy", "almost_always_same_class"} <= {d.type for d in dummy.diagnostics}
