"""What a version keeps beside its model."""

from __future__ import annotations

import json

import numpy as np
import pytest

from penstock.ml import report

from .models import TARGETS, trained


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("algorithm", ["lightgbm", "decision_tree"])
def test_a_report_is_plain_json_without_nan(target: str, algorithm: str) -> None:
    mapping = trained(target, algorithm=algorithm).report.as_mapping()
    text = json.dumps(mapping, allow_nan=False, default=str)
    assert json.loads(text)["performance"]
    assert set(mapping["timing"]) >= {"prepare", "search", "fit", "test", "importance", "total"}


def test_hyperparameters_and_main_metric_are_named() -> None:
    found = trained().report
    assert found.hyperparameters["trees"] == 10
    assert found.main_metric == "auc"
    assert found.features == trained().predictor.features


def test_linear_models_report_their_weights() -> None:
    model = trained("minutes", algorithm="ridge")
    assert set(model.report.coefficients) == set(model.report.matrix_columns)
    assert trained().report.coefficients == {}


def test_trees_report_leaves_and_purity() -> None:
    forest = trained(algorithm="random_forest").estimator
    leaves, pure = report.tree_facts(forest, 480, classes=True)
    assert len(leaves) == len(pure) == 10
    assert leaves[0] == forest.estimators_[0].get_n_leaves() / 480
    boosted, _ = report.tree_facts(trained().estimator, 480, classes=True)
    assert len(boosted) == 10
    assert max(boosted) <= 31 / 480


def test_shuffling_a_useless_column_costs_nothing() -> None:
    found = trained(algorithm="logistic_regression").importances.permutation
    assert found is not None
    assert abs(found["member"]) < 0.03 < found["age"]


def test_columns_that_dropped_rows_are_counted() -> None:
    drop = {
        "age": {"handling": {"type": "numeric", "missing": "drop"}},
        "city": {"handling": {"type": "category", "missing": "drop"}},
    }
    model = trained(features=drop)
    from .models import visits

    found = report.dropped_by(model.design, visits())
    assert found == {"age": visits()["age"].null_count, "city": visits()["city"].null_count}
    assert np.all([v > 0 for v in found.values()])
