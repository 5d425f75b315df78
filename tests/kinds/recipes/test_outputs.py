"""The datasets an evaluation writes."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.evaluation import Evaluation
from penstock.kinds.recipes import _outputs
from penstock.ml import rows as on_disk

JUDGED = np.array([True, True, False])


@pytest.mark.requirement("M23")
def test_prediction_correct_is_true_exactly_where_prediction_equals_target():
    columns = _outputs.correctness(np.array([0, 1, -1]), np.array([0, 0, 1]), JUDGED)
    assert columns["prediction_correct"].to_pylist() == [True, False, None]


def test_a_regression_gets_its_errors():
    columns = _outputs.errors(np.array([10.0, 0.0, np.nan]), np.array([12.0, -1.0, 5.0]), JUDGED)
    assert columns["error"].to_pylist() == [2.0, -1.0, None]
    assert columns["absolute_error"].to_pylist() == [2.0, 1.0, None]
    assert columns["relative_error"].to_pylist() == [0.2, None, None]
    assert columns["error_decile"].to_pylist() == [10, 1, None]


def test_error_deciles_hold_a_tenth_of_the_rows_each():
    error = np.random.default_rng(0).normal(size=1000)
    columns = _outputs.errors(np.zeros(1000), error, np.ones(1000, dtype=bool))
    assert np.bincount(columns["error_decile"].to_numpy())[1:].tolist() == [100] * 10


def test_added_columns_follow_the_rows_and_replace_their_namesakes(tmp_path):
    table = pa.table({"a": range(10), "prediction_correct": [None] * 10})
    rows = on_disk.written(table.to_reader(max_chunksize=3), tmp_path / "r.parquet")
    reader = _outputs.rows_with(rows, rows.names, {"prediction_correct": pa.array([True] * 10)})
    assert reader.read_all().to_pydict() == {"a": list(range(10)), "prediction_correct": [True] * 10}


def an_evaluation(**metrics: float) -> Evaluation:
    return Evaluation(
        project="P", store="mes", id="e1", name="May", created_at=datetime(2026, 5, 1, tzinfo=UTC),
        prediction_type="binary", model="m", version="v", dataset="may", rows=12,
        metrics={name.replace("__", ":"): value for name, value in metrics.items()},
    )  # fmt: skip


def test_the_metrics_row_says_who_when_and_every_metric():
    row = _outputs.metrics_row(an_evaluation(performance__auc=0.7, drift__DATA_DRIFT=0.6), chosen=None)
    values = row.to_pylist()[0]
    assert values["evaluation_id"] == "e1"
    assert values["auc"] == 0.7
    assert values["data_drift"] == 0.6
    assert values["logLoss"] is None
    assert "r2" not in values


@pytest.mark.requirement("M22")
@pytest.mark.parametrize("chosen", ["performance:auc", "auc"])
def test_only_the_ticked_metrics_are_in_the_row(chosen):
    row = _outputs.metrics_row(an_evaluation(performance__auc=0.7), chosen=[chosen])
    assert row.column_names[-2:] == ["rows", "auc"]


def test_a_custom_metric_is_a_column_too():
    row = _outputs.metrics_row(an_evaluation(custom__revenue=2.0), chosen=None, custom=["revenue"])
    assert row.to_pylist()[0]["custom_revenue"] == 2.0


def test_the_columns_are_the_same_with_and_without_performance():
    with_truth = _outputs.metrics_row(an_evaluation(performance__auc=0.7), chosen=None)
    assert _outputs.metrics_row(an_evaluation(), chosen=None).schema == with_truth.schema
