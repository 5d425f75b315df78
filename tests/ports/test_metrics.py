"""What every keeper of metric values and verdicts keeps."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core.check import CheckResult
from penstock.core.metric import MetricValue, ObjectKey
from penstock.core.outcome import Verdict
from penstock.core.ports import Metrics
from penstock.store.database import Database
from penstock.store.metrics import SqlMetrics

from .stores import at

STORE = ObjectKey(project="P", type="evaluation_store", name="s")
OTHER = ObjectKey(project="P", type="dataset", name="s")


@pytest.fixture
def metrics(database: Database) -> Metrics:
    return SqlMetrics(database)


def a_value(value: str, when: int, **fields: Any) -> MetricValue:
    usual: dict[str, Any] = {"key": STORE, "metric_id": "auc", "data_type": "DOUBLE"}
    return MetricValue(**{**usual, "value": value, "computed_at": at(when), **fields})


def a_result(verdict: Verdict, when: int, **fields: Any) -> CheckResult:
    usual: dict[str, Any] = {"key": STORE, "check_id": "c", "check_name": "C", "check_type": "numeric_range"}
    return CheckResult(
        **{**usual, "verdict": verdict, "message": "m", "computed_at": at(when), "observed": "0.5", **fields}
    )


def test_values_come_back_as_they_were_oldest_first(metrics: Metrics) -> None:
    values = [a_value("0.1", 1, origin="build", run_id="r", evaluation_id="e"), a_value("0.2", 2)]
    metrics.add_values(values[::-1])
    assert metrics.history(STORE) == values
    assert metrics.history(STORE, "auc", limit=1) == values[1:]
    assert metrics.history(STORE, "other") == []


def test_last_is_the_latest_value_of_every_metric_of_that_object_only(metrics: Metrics) -> None:
    metrics.add_values([a_value("0.1", 1), a_value("0.2", 2), a_value("9", 1, metric_id="rows")])
    metrics.add_values([a_value("0.7", 5, key=OTHER)])
    assert {id: v.value for id, v in metrics.last(STORE).items()} == {"auc": "0.2", "rows": "9"}
    assert {id: v.value for id, v in metrics.last(OTHER).items()} == {"auc": "0.7"}


def test_a_value_computed_earlier_but_stored_later_is_not_the_last(metrics: Metrics) -> None:
    metrics.add_values([a_value("new", 9)])
    metrics.add_values([a_value("old", 1)])
    assert metrics.last(STORE)["auc"].value == "new"


def test_of_two_values_of_one_instant_the_one_stored_later_counts(metrics: Metrics) -> None:
    metrics.add_values([a_value("first", 1), a_value("second", 1)])
    assert metrics.last(STORE)["auc"].value == "second"
    metrics.add_values([a_value("third", 1)])
    assert metrics.last(STORE)["auc"].value == "third"


@pytest.mark.requirement("M37")
def test_removing_the_newest_evaluation_makes_the_one_before_the_last_value(metrics: Metrics) -> None:
    for n in (1, 2, 3):
        metrics.add_values([a_value(f"0.{n}", n, evaluation_id=f"e{n}")])
        metrics.add_results([a_result(Verdict.OK, n, observed=f"0.{n}", evaluation_id=f"e{n}")])
    metrics.forget_evaluations("P", "s", ["e3"])
    assert metrics.last(STORE)["auc"].value == "0.2"
    assert metrics.last_results(STORE)["c"].observed == "0.2"
    metrics.forget_evaluations("P", "s", ["e1"])
    assert metrics.last(STORE)["auc"].value == "0.2"
    metrics.forget_evaluations("P", "s", ["e2", "never_there"])
    assert metrics.last(STORE) == {}
    assert metrics.last_results(STORE) == {}
    assert metrics.history(STORE) == []


def test_values_of_an_object_that_is_no_evaluation_store_are_left_alone(metrics: Metrics) -> None:
    metrics.add_values([a_value("1", 1, key=OTHER, evaluation_id="e1")])
    metrics.forget_evaluations("P", "s", ["e1"])
    assert len(metrics.history(OTHER)) == 1


def test_results_have_a_history_and_a_last_by_check(metrics: Metrics) -> None:
    results = [a_result(Verdict.OK, 1), a_result(Verdict.ERROR, 2), a_result(Verdict.EMPTY, 2, check_id="d")]
    metrics.add_results(results)
    assert metrics.results(STORE) == results
    assert metrics.results(STORE, "c", limit=1) == results[1:2]
    assert metrics.last_results(STORE) == {"c": results[1], "d": results[2]}


def test_a_project_gives_all_its_values_or_the_last_ones(metrics: Metrics) -> None:
    metrics.add_values([a_value("1", 1), a_value("2", 2), a_value("3", 3, key=OTHER)])
    metrics.add_values([a_value("4", 4, key=ObjectKey(project="Q", type="dataset", name="s"))])
    metrics.add_results([a_result(Verdict.OK, 1), a_result(Verdict.ERROR, 2)])
    assert [v.value for v in metrics.project_values("P")] == ["1", "2", "3"]
    assert [v.value for v in metrics.project_values("P", last_only=True)] == ["2", "3"]
    assert [r.verdict for r in metrics.project_results("P", last_only=True)] == [Verdict.ERROR]
    assert len(metrics.project_results("P")) == 2


def test_an_object_can_be_forgotten(metrics: Metrics) -> None:
    metrics.add_values([a_value("1", 1), a_value("2", 1, key=OTHER)])
    metrics.add_results([a_result(Verdict.OK, 1)])
    metrics.forget(STORE)
    assert metrics.last(STORE) == {}
    assert metrics.results(STORE) == []
    assert len(metrics.last(OTHER)) == 1


def test_any_text_can_be_a_value(metrics: Metrics) -> None:
    metrics.add_values([a_value("naïve 'x' \u0001 🚰\n", 1, data_type="STRING")])
    assert metrics.last(STORE)["auc"].value == "naïve 'x' \u0001 🚰\n"


def test_histories_follow_a_renamed_object_and_go_with_their_project(metrics: Metrics) -> None:
    elsewhere = ObjectKey(project="Q", type="evaluation_store", name="s")
    metrics.add_values([a_value("1", 1), a_value("2", 2), a_value("3", 3, key=elsewhere)])
    metrics.add_results([a_result(Verdict.OK, 1)])
    metrics.move("P", "s", "better")
    moved = ObjectKey(project="P", type="evaluation_store", name="better")
    assert metrics.last(STORE) == {}
    assert metrics.last(moved)["auc"].value == "2"
    assert len(metrics.last_results(moved)) == 1
    metrics.delete_project("P")
    assert metrics.last(moved) == {}
    assert metrics.project_results("P") == []
    assert metrics.last(elsewhere)["auc"].value == "3"
