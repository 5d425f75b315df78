"""Metrics and checks as rows: live, with one schema, never built."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from penstock.core.check import CheckResult
from penstock.core.errors import InvalidDefinition
from penstock.core.metric import MetricValue, ObjectKey
from penstock.core.outcome import Verdict

from .given import Surroundings, dataset

STORE = ObjectKey(project="FRAUD", type="evaluation_store", name="mes")
NOON, ONE = datetime(2013, 4, 1, 12, tzinfo=UTC), datetime(2013, 4, 1, 13, tzinfo=UTC)


@pytest.fixture
def at(place: Any, tmp_path: Path) -> Surroundings:
    return Surroundings(place, tmp_path)


def test_each_value_of_a_metric_is_a_row_with_its_numeric_twin_oldest_first(at: Surroundings) -> None:
    at.history = [
        MetricValue(
            key=STORE, metric_id="drift:DATA_DRIFT", data_type="DOUBLE", value="0.7", computed_at=ONE,
            evaluation_id="e2", origin="build", run_id="job1",
        ),
        MetricValue(key=STORE, metric_id="col_stats:MEAN:fare", data_type="STRING", value="x", computed_at=NOON),
        MetricValue(
            key=STORE, metric_id="reporting:BUILD_START_DATE", data_type="DATE", value=NOON.isoformat(),
            computed_at=NOON,
        ),
    ]  # fmt: skip
    first, second, third = at.rows(dataset(type="metrics", item="mes"))
    assert third == {
        "project_key": "FRAUD", "object_type": "evaluation_store", "object_id": "FRAUD.mes", "object_name": "mes",
        "partition": "NP", "evaluation_id": "e2", "metric_id": "drift:DATA_DRIFT", "metric_type": "drift",
        "column": None, "metric_name": "Data Drift", "data_type": "DOUBLE", "value": "0.7", "value_num": 0.7,
        "value_date": None, "computed_at": ONE, "run_id": "job1", "origin": "build",
    }  # fmt: skip
    assert (first["column"], first["value_num"]) == ("fare", None)
    assert second["value_date"] == NOON


def test_scope_and_content_choose_what_is_asked_of_the_store(at: Surroundings) -> None:
    assert at.rows(dataset(type="metrics", scope="project", content="last")) == []
    assert at.asked == ("project", "", True)
    at.rows(dataset(type="checks", item="mes"))
    assert at.asked == ("object", "mes", False)
    with pytest.raises(InvalidDefinition, match="needs an item"):
        dataset(type="metrics")


def test_each_result_of_a_check_is_a_row(at: Surroundings) -> None:
    at.history = [
        CheckResult(
            key=STORE, check_id="c1", check_name="Data Drift < 0.4", check_type="numeric_range",
            verdict=Verdict.ERROR, message="0.7 is above 0.4", computed_at=NOON, metric_id="drift:DATA_DRIFT",
            observed="0.7",
        )
    ]  # fmt: skip
    [row] = at.rows(dataset(type="checks", item="mes"))
    assert (row["outcome"], row["observed_value"], row["check_name"]) == ("ERROR", "0.7", "Data Drift < 0.4")


def test_it_is_live_never_stale_and_says_its_columns_without_reading(at: Surroundings) -> None:
    live = dataset(type="metrics", item="mes")
    assert live.LIVE
    assert not live.MANAGED
    assert live.state(at) == "live"
    assert live.infer(at)[-1].name == "origin"
