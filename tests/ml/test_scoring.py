"""Scoring a stream: the columns of the output, its rows, and its memory."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import ColumnMissing, Invalid
from penstock.ml.scoring import Explanations, ScoreOptions, score_batches, score_table

from .models import TARGETS, trained, visits

NEW = visits(200, 8)


@pytest.mark.requirement("M01")
def test_scoring_adds_probabilities_and_prediction_behind_the_input_columns() -> None:
    scored = score_table(trained().predictor, NEW)
    assert scored.column_names == [*NEW.column_names, "proba_0", "proba_1", "prediction"]
    assert scored.num_rows == NEW.num_rows
    assert scored.select(NEW.column_names).equals(NEW)
    assert scored.schema.field("prediction").type == pa.int64()


def test_regression_adds_a_number_only() -> None:
    scored = score_table(trained("minutes").predictor, NEW)
    assert scored.column_names == [*NEW.column_names, "prediction"]
    assert scored.schema.field("prediction").type == pa.float64()


@pytest.mark.requirement("M03")
def test_the_target_is_not_needed() -> None:
    with_target = score_table(trained().predictor, NEW)
    empty = NEW.set_column(NEW.schema.get_field_index("late"), "late", pa.nulls(200))
    for table in (NEW.drop_columns(["late"]), empty):
        scored = score_table(trained().predictor, table)
        assert scored["proba_1"].equals(with_target["proba_1"])


@pytest.mark.requirement("M04")
def test_the_prediction_follows_the_threshold_of_the_version() -> None:
    predictor = trained().predictor
    assert predictor.threshold != 0.5
    scored = score_table(predictor, NEW)
    expected = (scored["proba_1"].to_numpy() >= predictor.threshold).astype(int)
    np.testing.assert_array_equal(scored["prediction"].to_numpy(), expected)


@pytest.mark.requirement("M05")
def test_another_threshold_changes_predictions_and_no_probability() -> None:
    usual, other = (score_table(trained().predictor, NEW, ScoreOptions(threshold=t)) for t in (None, 0.9))
    assert usual["proba_1"].equals(other["proba_1"])
    assert not usual["prediction"].equals(other["prediction"])
    np.testing.assert_array_equal(other["prediction"].to_numpy(), other["proba_1"].to_numpy() >= 0.9)


@pytest.mark.requirement("M06")
def test_probabilities_and_columns_can_be_left_out() -> None:
    options = ScoreOptions(probabilities=False, columns=("city", "age"))
    assert score_table(trained().predictor, NEW, options).column_names == ["age", "city", "prediction"]
    with pytest.raises(ColumnMissing, match="Did you mean city"):
        score_table(trained().predictor, NEW, ScoreOptions(columns=("citi",)))


@pytest.mark.requirement("M07")
@pytest.mark.parametrize("method", ["shapley", "ice"])
@pytest.mark.parametrize("target", TARGETS)
def test_each_row_explains_itself_with_few_features(method: str, target: str) -> None:
    predictor = trained(target).predictor
    options = ScoreOptions(explanations=Explanations(method=method, samples=25))
    scored = score_table(predictor, NEW.slice(0, 20), options)
    assert scored.column_names[-1] == "explanations"
    for text in scored["explanations"].to_pylist():
        row = json.loads(text)
        assert 1 <= len(row) <= 3
        assert set(row) <= set(predictor.features)
        assert all(isinstance(v, float) for v in row.values())


@pytest.mark.requirement("M08")
def test_a_missing_used_feature_fails_before_the_first_row_and_a_rejected_one_does_not() -> None:
    def never() -> Iterator[pa.RecordBatch]:
        raise AssertionError("no row may be asked for")
        yield

    schema = NEW.drop_columns(["count"]).schema
    with pytest.raises(ColumnMissing, match=r"Dataset april has no column 'count'\. The model needs it"):
        score_batches(
            trained().predictor, pa.RecordBatchReader.from_batches(schema, never()), dataset="april"
        )
    assert score_table(trained().predictor, NEW.drop_columns(["id"])).num_rows == 200


@pytest.mark.requirement("M09")
def test_a_category_never_seen_scores() -> None:
    odd = NEW.set_column(NEW.schema.get_field_index("city"), "city", pa.array(["Atlantis"] * 200))
    scored = score_table(trained().predictor, odd)
    assert scored["prediction"].null_count == 0


@pytest.mark.requirement("M10")
@pytest.mark.parametrize("target", TARGETS)
def test_no_rows_give_no_rows_of_the_right_schema(target: str) -> None:
    predictor = trained(target).predictor
    options = ScoreOptions(explanations=Explanations(), metadata={"model_version": "v1"})
    full, empty = (
        score_table(predictor, NEW.slice(0, 3), options),
        score_table(predictor, NEW.slice(0, 0), options),
    )
    assert empty.num_rows == 0
    assert empty.schema.equals(full.schema)


@pytest.mark.requirement("M17")
def test_older_predictions_are_replaced_and_other_columns_kept() -> None:
    predictor = trained().predictor
    once = score_table(predictor, NEW).append_column("proba_of_rain", pa.array([0.5] * 200))
    twice = score_table(predictor, once)
    assert twice.column_names == [*NEW.column_names, "proba_of_rain", "proba_0", "proba_1", "prediction"]
    assert twice["proba_1"].equals(once["proba_1"])


def test_rows_without_a_prediction_stay_with_empty_cells() -> None:
    predictor = trained(features={"age": {"handling": {"type": "numeric", "missing": "drop"}}}).predictor
    scored = score_table(predictor, NEW, ScoreOptions(explanations=Explanations()))
    empty = [a is None for a in NEW["age"].to_pylist()]
    assert any(empty)
    for column in ("proba_0", "proba_1", "prediction", "explanations"):
        assert [v is None for v in scored[column].to_pylist()] == empty


def test_metadata_is_the_same_text_in_every_row() -> None:
    scored = score_table(trained().predictor, NEW, ScoreOptions(metadata={"model_version": "S-P-m-1"}))
    assert set(scored["model_version"].to_pylist()) == {"S-P-m-1"}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_rows_keep_their_order_however_they_are_cut(threads: int) -> None:
    whole = score_table(trained().predictor, NEW, ScoreOptions(threads=1))
    reader = pa.RecordBatchReader.from_batches(NEW.schema, NEW.to_batches(max_chunksize=23))
    parts = score_batches(trained().predictor, reader, ScoreOptions(threads=threads, batch_rows=7)).read_all()
    assert parts.equals(whole)


def test_explanations_do_not_depend_on_the_batches() -> None:
    predictor = trained(algorithm="decision_tree").predictor
    rows = NEW.slice(0, 10)
    one = ScoreOptions(explanations=Explanations(samples=25), batch_rows=10)
    assert score_table(predictor, rows, one).equals(score_table(predictor, rows, one.changed(batch_rows=3)))


def test_only_a_few_batches_are_in_memory() -> None:
    """The reader is never more than a handful of batches ahead of what was taken out."""
    given = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal given
        for _ in range(50):
            given += 1
            yield NEW.to_batches()[0]

    reader = pa.RecordBatchReader.from_batches(NEW.schema, batches())
    for taken, _ in enumerate(score_batches(trained().predictor, reader, ScoreOptions(threads=2)), start=1):
        assert given <= taken + 3
    assert taken == given == 50


def test_a_bad_cell_deep_in_the_stream_is_told_in_our_words() -> None:
    texts = NEW.set_column(
        NEW.schema.get_field_index("count"), "count", pa.array(["1"] * 150 + ["many"] * 50)
    )
    reader = pa.RecordBatchReader.from_batches(texts.schema, texts.to_batches(max_chunksize=10))
    scored = score_batches(trained().predictor, reader)
    with pytest.raises(Invalid, match="Column 'count' holds 'many' where the model expects a number"):
        scored.read_all()
