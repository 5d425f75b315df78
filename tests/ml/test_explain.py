"""Why a model says what it says."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pyarrow as pa
import pytest

from penstock.ml import explain
from penstock.ml.predictor import Predictor
from penstock.ml.scoring import score_table

from .models import TARGETS, trained, visits

ROWS = visits(40, 6)


def matrix(predictor: Predictor) -> np.ndarray:
    return predictor.preparation.matrix(ROWS)[0]


@pytest.mark.parametrize("target", TARGETS)
def test_exact_values_add_up_to_the_raw_prediction(target: str) -> None:
    """Rows differ in their sum of contributions exactly as they differ in their prediction."""
    predictor = trained(target).predictor
    assert explain.is_exact(predictor)
    influence = explain.shapley(predictor, matrix(predictor)).sum(axis=1)
    outcome = explain.outcome(predictor, matrix(predictor))
    if target == "level":  # margins of several classes are log-odds but for a shift per row
        influence, outcome = (
            np.diff(influence, axis=1),
            np.diff(np.log(predictor.values(matrix(predictor))), axis=1),
        )
    np.testing.assert_allclose(influence - influence[0], outcome - outcome[0], atol=1e-6)


def test_sampled_values_add_up_too() -> None:
    predictor = trained(algorithm="random_forest").predictor
    influence = explain.shapley(predictor, matrix(predictor), samples=30).sum(axis=1)
    outcome = explain.outcome(predictor, matrix(predictor))
    np.testing.assert_allclose(influence - influence[0], outcome - outcome[0], atol=1e-9)


def test_sampled_values_of_a_linear_model_are_its_closed_form() -> None:
    """weight × (value − mean over the drawn train rows), feature by feature."""
    model = trained("minutes", algorithm="ridge")
    predictor = model.predictor
    found = explain.shapley(predictor, matrix(predictor), samples=400)[:, :, 0]
    weights = np.array([model.report.coefficients[c][0] for c in predictor.preparation.columns])
    effects = matrix(predictor) * weights
    for place, group in enumerate(predictor.preparation.groups.values()):
        expected = effects[:, group].sum(axis=1)
        np.testing.assert_allclose(found[:, place] - found[0, place], expected - expected[0], atol=1e-8)


def test_sampled_values_come_near_the_definition() -> None:
    """Against the average over all orders and all background rows, for three features."""
    only = dict.fromkeys(("when", "id", "member"), "reject")
    predictor = trained(algorithm={"type": "decision_tree", "min_leaf": 30}, features=only).predictor
    assert len(predictor.features) == 3
    row, groups = matrix(predictor)[:1], list(predictor.preparation.groups.values())
    exact = np.zeros(3)
    for other in predictor.background:
        for order in itertools.permutations(range(3)):
            now, before = other[None, :].copy(), explain.outcome(predictor, other[None, :])[0, 0]
            for feature in order:
                now[:, groups[feature]] = row[:, groups[feature]]
                after = explain.outcome(predictor, now)[0, 0]
                exact[feature] += (after - before) / (6 * len(predictor.background))
                before = after
    found = explain.shapley(predictor, row, samples=4000)[0, :, 0]
    np.testing.assert_allclose(found, exact, atol=0.1)


def test_ice_is_the_prediction_minus_its_mean_when_a_feature_varies() -> None:
    predictor = trained("minutes", algorithm="decision_tree").predictor
    found = explain.ice(predictor, matrix(predictor)[:1], rows=5)[0, 0, 0]
    own = predictor.values(matrix(predictor)[:1])[0]
    group = next(iter(predictor.preparation.groups.values()))
    varied = np.repeat(matrix(predictor)[:1], 5, axis=0)
    varied[:, group] = predictor.background[:5, group]
    assert found == pytest.approx(own - predictor.values(varied).mean())


def test_the_strongest_features_come_first() -> None:
    predictor = trained().predictor
    for row in explain.individual(predictor, matrix(predictor), np.zeros(40), most=4):
        strengths = [abs(v) for _, v in row]
        assert strengths == sorted(strengths, reverse=True)
        assert len(row) == 4


@pytest.mark.parametrize("algorithm", ["lightgbm", "random_forest", "logistic_regression"])
def test_importance_finds_what_matters(algorithm: str) -> None:
    found = trained(algorithm=algorithm).importances
    assert found.shapley is not None
    assert found.permutation is not None
    assert sum(found.shapley.values()) == pytest.approx(1)
    assert {"age", "count"} & set(list(found.shapley)[:2])
    assert next(iter(found.permutation)) in ("age", "count")
    assert list(found.shapley.values()) == sorted(found.shapley.values(), reverse=True)


def test_expensive_importance_is_left_out_with_a_note_unless_asked_for() -> None:
    assert trained(algorithm="knn").importances.shapley is None
    assert "importance: all" in trained(algorithm="knn").importances.note
    assert trained(algorithm="knn", importance="all").importances.shapley is not None
    assert trained(importance="off").importances.permutation is None


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("feature", ["age", "count", "city", "member", "when"])
def test_partial_dependence_of_every_sort_of_feature(target: str, feature: str) -> None:
    found = explain.partial_dependence(trained(target).predictor, visits(), feature, rows=100)
    assert found.rows == 100
    assert len(found.at) == len(found.value) == len(found.share) <= 20
    outputs = 3 if target == "level" else 1
    assert all(len(v) == outputs and all(math.isfinite(x) for x in v) for v in found.value)
    assert sum(found.share) <= 1 + 1e-9


def test_partial_dependence_of_a_linear_model_is_a_line() -> None:
    model = trained("minutes", algorithm="ridge")
    found = explain.partial_dependence(model.predictor, visits(), "count", rows=200)
    slopes = np.diff([v[0] for v in found.value]) / np.diff(found.at)
    assert slopes == pytest.approx(slopes[0])
    mean_over_rows = sum(v[0] * s for v, s in zip(found.value, found.share, strict=True))
    assert mean_over_rows == pytest.approx(0, abs=1e-9)  # minus the mean prediction


@pytest.mark.requirement("M95")
def test_what_if_starts_from_medians_and_most_frequent_values() -> None:
    model = trained()
    train_ids = set(visits()["id"].to_pylist()) - set(model.test["id"].to_pylist())
    rows = visits().filter(pa.array([i in train_ids for i in visits()["id"].to_pylist()]))
    ages = [a for a in rows["age"].to_pylist() if a is not None]
    cities = [c for c in rows["city"].to_pylist() if c is not None]
    found = explain.what_if(model.predictor)
    assert found.row["age"] == pytest.approx(float(np.median(ages)))
    assert found.row["city"] == max(sorted(set(cities)), key=cities.count)


@pytest.mark.requirement("M95")
@pytest.mark.parametrize("algorithm", ["lightgbm", "logistic_regression"])
def test_what_if_gives_the_probability_that_score_gives(algorithm: str) -> None:
    predictor = trained(algorithm=algorithm).predictor
    scored = score_table(predictor, ROWS)
    for place in (0, 17, 34):  # 0, 17 and 34 have no city
        row = ROWS.slice(place, 1).to_pylist()[0]
        found = explain.what_if(predictor, {name: row[name] for name in predictor.features})
        assert found.probabilities["1"] == pytest.approx(scored["proba_1"][place].as_py(), abs=1e-12)
        assert found.prediction == scored["prediction"][place].as_py()


def test_what_if_changes_one_thing_at_a_time() -> None:
    predictor = trained(algorithm="logistic_regression").predictor
    low, high = (explain.what_if(predictor, {"age": v}).probabilities["1"] for v in (-3, 3))
    assert low < high
    assert explain.what_if(predictor, {"age": None}).probabilities["1"] not in (low, high)


def test_a_row_that_is_dropped_has_no_probability() -> None:
    predictor = trained(features={"age": {"handling": {"type": "numeric", "missing": "drop"}}}).predictor
    found = explain.what_if(predictor, {"age": None})
    assert found.prediction is None
    assert found.probabilities == {}


@pytest.mark.parametrize("target", TARGETS)
def test_the_lowest_and_highest_predictions_side_by_side(target: str) -> None:
    predictor = trained(target).predictor
    low, high = explain.extremes(predictor, ROWS, rows=3, most=2)
    name = predictor.proba_columns[-1] if predictor.proba_columns else "prediction"
    values = score_table(predictor, ROWS)[name].to_pylist()
    assert [e.value for e in low] == sorted(values)[:3]
    assert [e.value for e in high] == sorted(values, reverse=True)[:3]
    assert all(values[e.row] == e.value and len(e.influences) == 2 for e in (*low, *high))
