from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.metric import DATA_DRIFT
from penstock.core.outcome import Verdict
from penstock.runtime import checks, evaluations, metrics

from .measured import KEY, World

pytestmark = pytest.mark.both_states

DRIFT = {
    "type": "numeric_range", "name": "Data Drift < 0.4", "metric": DATA_DRIFT, "soft_maximum": 0.3, "maximum": 0.4,
}  # fmt: skip
ROWS = {"x": [1.0, 2.0, None, 4.0], "s": ["a", "b", "a", ""]}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def drifted(world: World, value: float, id: str = "") -> None:
    evaluations.push(world.node, KEY, "mes", {DATA_DRIFT: value}, id=id)


def said(world: World, item: str, **settings: Any) -> list[tuple[str, str]]:
    return [(r.verdict.value, r.message) for r in checks.run(world.node, KEY, item, **settings)]


@pytest.mark.requirement("M46", "A41")
@pytest.mark.parametrize(
    ("value", "verdict"), [(0.25, "OK"), (0.3, "OK"), (0.35, "WARNING"), (0.4, "WARNING"), (0.52, "ERROR")]
)
def test_a_check_on_data_drift_judges_the_latest_evaluation(world: World, value: float, verdict: str) -> None:
    world.store("mes", checks=[DRIFT])
    drifted(world, 0.1)
    drifted(world, value)
    assert said(world, "mes")[0][0] == verdict


@pytest.mark.requirement("M53", "A44")
def test_each_run_adds_one_result_with_its_evaluation_message_and_value(world: World) -> None:
    world.store("mes", checks=[DRIFT])
    drifted(world, 0.35, "may")
    drifted(world, 0.52, "june")
    for _ in range(2):
        checks.run(world.node, KEY, "mes")
    history = checks.history(world.node, KEY, "mes", "Data Drift < 0.4")
    assert [(r.verdict.value, r.message, r.observed, r.evaluation_id) for r in history] == [
        ("ERROR", "0.52 (> 0.4)", "0.52", "june")
    ] * 2


@pytest.mark.requirement("M53")
def test_an_older_evaluation_can_be_judged_by_its_id(world: World) -> None:
    world.store("mes", checks=[DRIFT])
    drifted(world, 0.35, "may")
    drifted(world, 0.52, "june")
    assert said(world, "mes", evaluation_id="may") == [("WARNING", "0.35 (> 0.3)")]


@pytest.mark.requirement("M50")
def test_a_metric_the_latest_evaluation_lacks_gives_empty_even_if_an_older_one_had_it(world: World) -> None:
    auc = {"type": "numeric_range", "name": "AUC", "metric": "performance:auc", "minimum": 0.7}
    world.store("mes", checks=[auc])
    evaluations.push(world.node, KEY, "mes", {"performance:auc": 0.8})
    assert said(world, "mes") == [("OK", "0.8")]
    drifted(world, 0.5)
    assert said(world, "mes")[0][0] == "EMPTY"


def test_after_deleting_the_newest_evaluation_the_survivor_is_judged(world: World) -> None:
    world.store("mes", checks=[DRIFT])
    drifted(world, 0.1, "may")
    drifted(world, 0.9, "june")
    evaluations.delete(world.node, KEY, "mes", ["june"])
    assert said(world, "mes") == [("OK", "0.1")]


@pytest.mark.requirement("M44")
def test_a_pushed_metric_of_any_name_can_be_checked(world: World) -> None:
    revenue = {"type": "numeric_range", "name": "Revenue", "metric": "custom:revenue", "soft_minimum": 10}
    world.store("mes", checks=[revenue])
    evaluations.push(world.node, KEY, "mes", {"revenue": 7})
    assert said(world, "mes") == [("WARNING", "7 (< 10)")]


@pytest.mark.requirement("M51", "A43")
def test_a_check_can_be_tried_before_it_is_saved_and_leaves_no_trace(world: World) -> None:
    world.store("mes")
    drifted(world, 0.52)
    found = checks.test(world.node, KEY, "mes", DRIFT)
    assert (found.verdict, found.message) == (Verdict.ERROR, "0.52 (> 0.4)")
    assert checks.history(world.node, KEY, "mes") == []
    assert world.project.evaluation_store("mes").checks == ()


@pytest.mark.requirement("A56")
def test_testing_a_rule_stores_neither_outcome_nor_metric(world: World) -> None:
    world.dataset("t", ROWS)
    rule = {"type": "column_not_empty", "column": "x"}
    assert checks.test(world.node, KEY, "t", rule, family="rules").verdict is Verdict.ERROR
    key = metrics.key_of(world.project, "t")
    assert world.node.metrics.last(key) == {}
    assert world.node.metrics.results(key) == []


def test_all_rules_of_a_dataset_are_one_query_and_a_broken_one_fails_alone(world: World) -> None:
    rules = [
        {"type": "record_count_in_range", "minimum": 1},
        {"type": "column_not_empty", "column": "x", "threshold": "count", "soft_maximum": 0},
        {"type": "values_in_set", "column": "s", "values": ["a", "b"]},
        {"type": "column_unique", "column": "nope"},
        {"type": "mode_in_set", "column": "s", "values": ["a"]},
    ]
    world.dataset("t", ROWS, rules=rules)
    with checks.opened(world.node, world.project, "t") as subject:
        found = checks.judge(subject, checks.demands(world.project, "t"))
        assert subject.queries == 1
    assert [j.verdict.value for j in found] == ["OK", "WARNING", "OK", "ERROR", "OK"]
    assert "has no column 'nope'" in found[3].message


@pytest.mark.requirement("A54")
def test_metrics_of_two_datasets_are_compared_by_their_latest_values(world: World) -> None:
    count = "records:COUNT_RECORDS"
    rule = {"type": "compare_metrics", "metric": count, "operator": "EQ", "other": count, "other_item": "raw"}
    world.dataset("raw", {"x": [1, 2]})
    world.dataset("t", {"x": [1, 2]}, rules=[rule])
    assert said(world, "t")[0][0] == "EMPTY"
    metrics.compute(world.node, KEY, "raw")
    metrics.compute(world.node, KEY, "t")
    assert said(world, "t") == [("OK", "2 = 2")]
    world.dataset("raw", {"x": [1]})
    metrics.compute(world.node, KEY, "raw")
    assert said(world, "t") == [("ERROR", "2 (not = 1)")]


def test_a_schema_rule_sees_the_columns_the_data_has_now(world: World) -> None:
    rule = {"type": "schema_equals", "columns": [{"name": "x", "type": "double"}, {"name": "s"}]}
    world.dataset("t", ROWS, rules=[rule])
    assert said(world, "t")[0][0] == "OK"
    world.dataset("t", {"s": ["a"], "x": [1.0]}, rules=[rule])
    assert said(world, "t") == [("ERROR", "the order is s, x")]


@pytest.mark.requirement("A51", "M52")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def process(values):\n    return 'WARNING', f'{len(values)} values'", ("WARNING", "1 values")),
        ("def process(values, obj):\n    return ('OK', obj.name)", ("OK", "mes")),
        ("def process(values, obj, partition):\n    return 'OK', partition", ("OK", "NP")),
        ("def process(values):\n    return 'EMPTY'", ("EMPTY", "")),
        ("def process(values):\n    return 1 / 0", ("ERROR", "ZeroDivisionError: division by zero.")),
    ],
)
def test_a_python_check_of_any_signature_gives_outcome_and_message(
    world: World, code: str, expected: tuple[str, str]
) -> None:
    world.store("mes", checks=[{"type": "python", "name": "mine", "code": code}])
    drifted(world, 0.5)
    checks.run(world.node, KEY, "mes")
    kept = checks.latest(world.node, KEY, "mes")[0].last
    assert kept is not None
    assert (kept.verdict.value, kept.message) == expected


def test_a_python_check_that_answers_something_else_is_an_error(world: World) -> None:
    world.store(
        "mes", checks=[{"type": "python", "name": "mine", "code": "def process(v):\n    return 'FINE'"}]
    )
    assert said(world, "mes")[0] == (
        "ERROR",
        "process() returned 'FINE'; it must return one of OK, WARNING, ERROR, EMPTY.",
    )


def test_a_python_rule_sees_the_rows(world: World) -> None:
    code = "def process(values, dataset):\n    return 'ERROR', f'{dataset.arrow().num_rows} rows'"
    world.dataset("t", ROWS, rules=[{"type": "python", "name": "mine", "code": code}])
    assert said(world, "t") == [("ERROR", "4 rows")]


@pytest.mark.requirement("A52")
def test_after_a_build_only_on_build_checks_and_auto_run_rules_judge(world: World) -> None:
    rules = [
        {"type": "record_count_in_range", "name": "few", "soft_maximum": 3},
        {"type": "column_unique", "column": "s", "auto_run": False},
        {"type": "column_not_empty", "column": "x", "enabled": False},
    ]
    world.dataset("t", ROWS, rules=rules)
    said = checks.after_build(world.node, world.project, "t", job="j1")
    assert Verdict.worst(r.verdict for r in said) is Verdict.WARNING
    kept = checks.history(world.node, KEY, "t")
    assert [(r.check_name, r.origin, r.run_id) for r in kept] == [("few", "build", "j1")]
    world.store("mes", checks=[DRIFT])
    drifted(world, 0.9)
    assert checks.after_build(world.node, world.project, "mes") == []


def test_a_check_that_is_off_runs_only_when_named_and_an_unknown_one_is_refused(world: World) -> None:
    world.store("mes", checks=[{**DRIFT, "enabled": False}])
    drifted(world, 0.1)
    assert said(world, "mes") == []
    assert said(world, "mes", checks=["Data Drift < 0.4"]) == [("OK", "0.1")]
    with pytest.raises(NotFound, match=r"Did you mean Data Drift < 0\.4"):
        checks.run(world.node, KEY, "mes", checks=["Data Drift < 0.45"])


def test_history_stays_together_when_a_check_with_an_id_is_renamed(world: World) -> None:
    world.store("mes", checks=[{**DRIFT, "id": "drift"}])
    drifted(world, 0.1)
    checks.run(world.node, KEY, "mes")
    world.store("mes", checks=[{**DRIFT, "id": "drift", "name": "No drift"}])
    checks.run(world.node, KEY, "mes")
    assert len(checks.history(world.node, KEY, "mes", "No drift")) == 2


def test_a_metric_may_be_called_by_its_name(world: World) -> None:
    world.store("mes", checks=[{**DRIFT, "metric": "Data Drift"}])
    drifted(world, 0.52)
    result = checks.run(world.node, KEY, "mes")[0]
    assert (result.message, result.metric_id) == ("0.52 (> 0.4)", DATA_DRIFT)


def test_a_rule_the_engine_cannot_measure_is_an_error_and_the_others_are_judged(world: World) -> None:
    rules = [
        {"type": "column_statistic_in_range", "column": "x", "statistic": "sum", "maximum": 9},
        {"type": "record_count_in_range", "minimum": 1},
    ]
    world.dataset("t", {"x": [2**62, 2**62, 2**62]}, rules=rules)
    assert [verdict for verdict, _ in said(world, "t")] == ["ERROR", "OK"]


def test_a_dataset_that_was_never_built_is_empty_not_wrong(world: World) -> None:
    rules = [{"type": "record_count_in_range", "minimum": 1}, {"type": "column_count_in_range", "minimum": 1}]
    world.save("dataset", "t", registry.parse("datasets", {"type": "managed", "rules": rules}))
    assert said(world, "t") == [("EMPTY", "Dataset t has not been built yet.")] * 2


def test_two_checks_of_one_name_are_refused_for_one_would_hide_the_other(world: World) -> None:
    with pytest.raises(InvalidDefinition, match=r"Two of them are called 'Data Drift < 0\.4'"):
        world.store("mes", checks=[DRIFT, {**DRIFT, "maximum": 0.5}])
    rule = {"type": "schema_contains", "columns": [{"name": "x"}]}
    with pytest.raises(InvalidDefinition, match="Schema contains x"):
        world.dataset("t", ROWS, rules=[rule, rule])
