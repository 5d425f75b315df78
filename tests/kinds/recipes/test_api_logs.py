"""Rows logged by an API node become rows a model can be evaluated on."""

from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core.errors import Invalid
from penstock.kinds.recipes import _api_logs


def unwrapped(table: pa.Table) -> pa.Table:
    return _api_logs.unwrapped(table.to_reader()).read_all()


@pytest.mark.requirement("M89")
def test_flat_logs_give_features_and_results_their_own_names():
    logs = pa.table(
        {"time": ["t"], "message.feature.age": [31], "message.result.prediction": [1], "message.user": ["u"]}
    )
    assert unwrapped(logs).to_pydict() == {"time": ["t"], "age": [31], "prediction": [1]}


@pytest.mark.requirement("M89")
def test_nested_logs_are_flattened_and_probabilities_named_by_class():
    logs = pa.table(
        {"message": [{"feature": {"age": 31}, "result": {"prediction": "1", "probas": {"0": 0.2, "1": 0.8}}}]}
    )
    assert unwrapped(logs).to_pydict() == {
        "age": [31], "prediction": ["1"], "proba_0": [0.2], "proba_1": [0.8],
    }  # fmt: skip


@pytest.mark.requirement("M89")
def test_a_result_wins_over_a_feature_of_the_same_name():
    logs = pa.table(
        {"message.result.proba_1": [0.8], "message.feature.proba_1": [0.1], "message.feature.age": [1]}
    )
    assert unwrapped(logs)["proba_1"].to_pylist() == [0.8]


def test_no_logged_row_still_has_columns():
    logs = pa.table({"message.feature.age": pa.array([], pa.int64())})
    assert unwrapped(logs).schema == pa.schema({"age": pa.int64()})


def test_rows_that_are_no_logs_are_refused_with_the_option_to_change():
    with pytest.raises(Invalid, match="Switch api_node_logs off"):
        unwrapped(pa.table({"age": [1]}))
