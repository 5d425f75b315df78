"""Score: predictions for the rows of a dataset, in every form it can take."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import JobFailed
from penstock.core.node import Node
from penstock.runtime import jobs, rehearsing, training
from tests.kinds.recipes.fraud import add, fares, fill, recipe, run, table, trained, transactions

FEATURES = ["amount", "card_age", "sector"]


def scored(node: Node, rows: pa.Table, **settings: object) -> pa.Table:
    fill(node, "new", rows)
    add(node, score_new=recipe("score", input="new", model="authorized", output="scored", **settings))
    run(node, "score_new")
    return table(node, "scored")


@pytest.mark.requirement("M01", "A07")
def test_scoring_adds_the_probabilities_and_the_prediction_after_the_input_columns(tmp_path):
    rows = transactions(50)
    found = scored(trained(tmp_path), rows)
    assert found.column_names == [*rows.column_names, "proba_0", "proba_1", "prediction"]
    assert found.select(rows.column_names).to_pydict() == rows.to_pydict()


@pytest.mark.requirement("M02")
def test_probabilities_lie_between_0_and_1_and_sum_to_1(tmp_path):
    found = scored(trained(tmp_path), transactions(200))
    proba = np.column_stack([found["proba_0"], found["proba_1"]])
    assert ((proba >= 0) & (proba <= 1)).all()
    assert np.abs(proba.sum(axis=1) - 1).max() < 1e-6


@pytest.mark.requirement("M03")
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_the_target_is_not_needed(tmp_path, how):
    rows = transactions(20).drop_columns(["authorized_flag"])
    if how == "empty":
        rows = rows.append_column("authorized_flag", pa.nulls(20, pa.int64()))
    assert scored(trained(tmp_path), rows)["prediction"].null_count == 0


@pytest.mark.requirement("M04")
def test_a_row_is_positive_exactly_when_its_probability_reaches_the_versions_threshold(tmp_path):
    node = trained(tmp_path)
    found = scored(node, transactions(500))
    threshold = training.versions(node, "P", "authorized")[0].threshold
    assert threshold == 0.4
    expected = found["proba_1"].to_numpy() >= threshold
    assert (found["prediction"].to_numpy() == expected).all()
    assert 0 < expected.mean() < 1


@pytest.mark.requirement("M05")
def test_another_threshold_changes_predictions_and_no_probability(tmp_path):
    node, rows = trained(tmp_path), transactions(300)
    usual, strict = scored(node, rows), scored(node, rows, threshold=0.8)
    assert strict["proba_1"].equals(usual["proba_1"])
    assert (strict["prediction"].to_numpy() == (usual["proba_1"].to_numpy() >= 0.8)).all()
    assert not strict["prediction"].equals(usual["prediction"])


@pytest.mark.requirement("M06")
def test_probabilities_can_be_left_out_and_columns_chosen(tmp_path):
    found = scored(trained(tmp_path), transactions(20), columns=["amount"], output_probabilities=False)
    assert found.column_names == ["amount", "prediction"]


@pytest.mark.requirement("M07")
def test_explanations_name_at_most_three_features_of_the_model(tmp_path):
    found = scored(trained(tmp_path), transactions(30), explanations={"number": 3, "steps": 25})
    explanations = [json.loads(text) for text in found["explanations"].to_pylist()]
    assert all(0 < len(e) <= 3 and set(e) <= set(FEATURES) for e in explanations)


def test_the_version_that_scored_a_row_can_be_written_beside_it(tmp_path):
    node = trained(tmp_path)
    found = scored(node, transactions(5), output_model_metadata=True)
    version = training.active(node, "P", "authorized")
    assert found.column_names[-3:] == ["model_name", "model_version", "scored_at"]
    assert set(found["model_version"].to_pylist()) == {version}


@pytest.mark.requirement("M08")
def test_a_missing_feature_fails_the_job_by_name_and_a_missing_rejected_one_does_not(tmp_path):
    node = trained(tmp_path)
    scored(node, transactions(20).drop_columns(["transaction_id"]))
    with pytest.raises(JobFailed, match="no column 'card_age'"):
        scored(node, transactions(20).drop_columns(["card_age"]))


@pytest.mark.requirement("M09")
def test_a_category_never_seen_in_training_is_scored(tmp_path):
    rows = transactions(20)
    odd = rows.set_column(rows.column_names.index("sector"), "sector", pa.array(["space"] * 20))
    assert scored(trained(tmp_path), odd)["prediction"].null_count == 0


@pytest.mark.requirement("M10")
def test_no_rows_give_no_rows_with_the_right_columns(tmp_path):
    node = trained(tmp_path)
    full, fields = scored(node, transactions(5)), node.data.snapshot("P", "scored")
    scored(node, transactions(5).slice(0, 0))
    empty = node.data.snapshot("P", "scored")
    assert full.num_rows == 5
    assert fields is not None
    assert empty is not None
    assert empty.rows == 0
    assert empty.columns == fields.columns


@pytest.mark.requirement("M17")
def test_scoring_scored_rows_again_replaces_their_predictions(tmp_path):
    node = trained(tmp_path)
    once = scored(node, transactions(20))
    wrong = once.set_column(once.column_names.index("prediction"), "prediction", pa.array([9] * 20))
    assert scored(node, wrong).to_pydict() == once.to_pydict()


def test_a_row_the_model_may_not_fill_in_keeps_its_place_without_a_prediction(tmp_path):
    strict = {
        "target": "authorized_flag", "algorithms": ["logistic_regression"], "importance": "off",
        "other_columns": "reject", "threshold": 0.5,
        "features": {"amount": {"handling": {"type": "numeric", "missing": "drop"}}, "sector": "input"},
    }  # fmt: skip
    rows = transactions(3)
    gap = rows.set_column(1, "amount", pa.array([1.0, None, 2.0]))
    found = scored(trained(tmp_path, design=strict), gap)
    assert [p is None for p in found["prediction"].to_pylist()] == [False, True, False]
    assert found["proba_1"].null_count == 1


def test_a_regression_adds_its_prediction_alone(tmp_path):
    node = trained_on_fares(tmp_path)
    found = scored(node, fares(20))
    assert found.column_names == ["distance", "night", "fare", "prediction"]
    assert np.corrcoef(found["fare"], found["prediction"])[0, 1] > 0.9


def test_a_threshold_for_a_regression_is_refused(tmp_path):
    with pytest.raises(JobFailed, match="A threshold only means something for two classes"):
        scored(trained_on_fares(tmp_path), fares(5), threshold=0.5)


@pytest.mark.requirement("M91")
def test_an_activated_older_version_scores_again(tmp_path):
    node = trained(tmp_path)
    first = training.active(node, "P", "authorized")
    rows = transactions(50, seed=9)
    before = scored(node, rows)
    fill(node, "history", transactions(900, seed=5, shift=2))
    jobs.build(node, "P", ["authorized"])
    after = scored(node, rows)
    training.activate(node, "P", "authorized", first, by="ann")
    assert not after["proba_1"].equals(before["proba_1"])
    assert scored(node, rows).to_pydict() == before.to_pydict()


def test_an_explicit_version_scores_whatever_is_active(tmp_path):
    node = trained(tmp_path)
    first, rows = training.active(node, "P", "authorized"), transactions(50, seed=9)
    before = scored(node, rows)
    fill(node, "history", transactions(900, seed=5, shift=2))
    jobs.build(node, "P", ["authorized"])
    assert scored(node, rows, version=first).to_pydict() == before.to_pydict()


def trained_on_fares(tmp_path) -> Node:
    from tests.kinds.recipes.fraud import a_bank

    node = a_bank(tmp_path, design={"target": "fare", "algorithms": ["ridge"], "importance": "off"})
    fill(node, "history", fares(600))
    jobs.build(node, "P", ["authorized"])
    return node


@pytest.mark.requirement("M01")
def test_the_columns_it_will_write_are_seen_before_it_runs(tmp_path):
    node = trained(tmp_path)
    fill(node, "new", transactions(30))
    add(node, score_new=recipe("score", input="new", model="authorized", output="scored"))
    (seen,) = rehearsing.rehearse(node, "P", "score_new")
    assert seen.fresh == {"proba_0", "proba_1", "prediction"}
    assert seen.total == 30
    assert node.data.snapshot("P", "scored") is None
