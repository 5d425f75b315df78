"""The one predictor: thresholds, classes, and rows it cannot judge."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import ColumnMissing
from penstock.ml import predictor as predictors

from .models import TARGETS, trained, visits


@pytest.mark.requirement("M02")
@pytest.mark.parametrize("target", ["late", "level"])
@pytest.mark.parametrize("algorithm", ["lightgbm", "random_forest", "logistic_regression"])
def test_probabilities_lie_in_range_and_sum_to_one(target: str, algorithm: str) -> None:
    proba = trained(target, algorithm=algorithm).predictor.predict(visits(300, 4)).proba
    assert proba is not None
    assert proba.min() >= 0
    assert proba.max() <= 1
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-6)


@pytest.mark.requirement("M04")
def test_positive_exactly_from_the_threshold_on() -> None:
    predictor = trained().predictor
    proba = predictor.predict(visits()).proba
    assert proba is not None
    on_the_edge = float(proba[7, 1])
    place = predictor.predict(visits(), threshold=on_the_edge).place
    assert place[7] == 1
    np.testing.assert_array_equal(place, proba[:, 1] >= on_the_edge)


def test_several_classes_take_the_most_probable() -> None:
    found = trained("level").predictor.predict(visits())
    assert found.proba is not None
    np.testing.assert_array_equal(found.place, found.proba.argmax(axis=1))
    assert set(found.labels.to_pylist()) <= {"low", "middle", "high"}


@pytest.mark.parametrize("target", TARGETS)
def test_a_batch_of_no_rows_gives_no_predictions(target: str) -> None:
    predictor = trained(target).predictor
    found = predictor.predict(visits().slice(0, 0))
    assert len(found.labels) == 0
    assert found.labels.type == predictor.label_type


def test_batches_and_tables_and_their_parts_agree() -> None:
    predictor = trained().predictor
    whole = predictor.predict(visits()).proba
    assert whole is not None
    parts = [predictor.predict(b).proba for b in visits().to_batches(max_chunksize=37)]
    np.testing.assert_array_equal(whole, np.concatenate([p for p in parts if p is not None]))


def test_a_missing_feature_is_named() -> None:
    with pytest.raises(ColumnMissing, match="Dataset new has no column 'city'"):
        trained().predictor.predict(visits().drop_columns(["city"]), dataset="new")


def test_csv_texts_score_as_the_typed_columns_did() -> None:
    """Everything as text, as a CSV without inference gives it."""
    predictor = trained(algorithm="logistic_regression").predictor
    typed = visits(50, 3)
    texts = pa.table(
        {
            n: pa.array([None if v is None else str(v) for v in typed[n].to_pylist()])
            for n in typed.column_names
        }
    )
    a, b = predictor.predict(typed).proba, predictor.predict(texts).proba
    assert a is not None
    np.testing.assert_allclose(a, b, atol=1e-12)


def test_names_of_columns_follow_the_labels() -> None:
    assert trained().predictor.proba_columns == ("proba_0", "proba_1")
    assert trained("level").predictor.proba_columns == ("proba_high", "proba_low", "proba_middle")
    assert trained("minutes").predictor.proba_columns == ()


def test_what_people_call_an_algorithm() -> None:
    assert predictors.algorithm_label(trained().winner) == "LightGBM"
