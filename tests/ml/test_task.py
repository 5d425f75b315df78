"""From columns of rows to truth and guess: which rows are judged, and what a threshold decides."""

from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core.errors import Invalid
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.task import Task

BINARY = Task(prediction_type="binary", target="truth", classes=(0, 1), proba=("proba_0", "proba_1"))


def rows_of(folder, **columns) -> on_disk.Rows:
    return on_disk.written(pa.table(columns).to_reader(), folder / "rows.parquet")


def scored(folder, **more) -> on_disk.Rows:
    columns = {"truth": [0, 1, 1, 0], "proba_0": [0.9, 0.6, 0.2, 0.3], "proba_1": [0.1, 0.4, 0.8, 0.7]}
    return rows_of(folder, **{**columns, "prediction": [0, 1, 1, 0], **more})


@pytest.mark.requirement("M18")
def test_without_a_threshold_the_prediction_column_says(tmp_path):
    assert tasks.guessed(scored(tmp_path), BINARY).label.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(("cut", "labels"), [(0.5, [0, 0, 1, 1]), (0.4, [0, 1, 1, 1]), (0.75, [0, 0, 1, 0])])
def test_a_threshold_decides_from_the_probabilities_and_reaching_it_is_enough(tmp_path, cut, labels):
    assert tasks.guessed(scored(tmp_path), BINARY, threshold=cut).label.tolist() == labels


def test_an_empty_prediction_is_unknown_or_the_class_it_stands_for(tmp_path):
    task = Task(prediction_type="multiclass", target="truth", classes=("a", "b", "c"))
    rows = rows_of(tmp_path, truth=["a", "b"], prediction=["a", None])
    assert tasks.guessed(rows, task).known.tolist() == [True, False]
    stands_for_c = Task(
        prediction_type="multiclass", target="truth", classes=task.classes, empty_prediction=2
    )
    assert tasks.guessed(rows, stands_for_c).label.tolist() == [0, 2]


@pytest.mark.requirement("M25")
def test_only_rows_with_a_truth_are_judged(tmp_path):
    rows = scored(tmp_path, truth=[0, None, 1, None])
    judged = tasks.judged(rows, BINARY, tasks.guessed(rows, BINARY))
    assert judged.truth.tolist() == [0, 1]
    assert judged.rows.tolist() == [True, False, True, False]
    assert judged.unlabelled == 2


def test_targets_outside_the_classes_are_counted_and_left_out(tmp_path):
    rows = scored(tmp_path, truth=[0, 1, 7, 7])
    judged = tasks.judged(rows, BINARY, tasks.guessed(rows, BINARY))
    assert judged.truth.tolist() == [0, 1]
    assert judged.unknown == {"7": 2}


@pytest.mark.requirement("M14")
@pytest.mark.parametrize("truth", [None, [None] * 4])
def test_without_ground_truth_the_message_names_the_option(tmp_path, truth):
    columns = {"truth": pa.array(truth, pa.int64())} if truth else {"another": [0, 0, 0, 0]}
    rows = rows_of(tmp_path, prediction=[0, 1, 1, 0], **columns)
    task = Task(prediction_type="binary", target="truth", classes=(0, 1))
    with pytest.raises(Invalid, match="skip_performance"):
        tasks.judged(rows, task, tasks.guessed(rows, task), dataset="april")


def test_rows_without_weight_are_not_judged(tmp_path):
    task = Task(prediction_type="regression", target="truth", weight="w")
    rows = rows_of(tmp_path, truth=[1.0, 2.0, 3.0], prediction=[1.0, 2.0, 4.0], w=[1.0, 0.0, None])
    judged = tasks.judged(rows, task, tasks.guessed(rows, task))
    assert judged.truth.tolist() == [1.0]
    assert judged.guess.weights is not None
    assert judged.guess.weights.tolist() == [1.0]
