from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import Conflict, NotFound
from penstock.core.metric import MetricValue
from penstock.runtime import checks, datasets, evaluations, metrics
from penstock.runtime.measuring import MetricsRun

from .measured import KEY, World

pytestmark = pytest.mark.both_states

ROWS = {"x": [1.0, 2.0, None, 4.0], "s": ["a", "b", "a", ""]}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def plain(run: MetricsRun) -> dict[str, Any]:
    return {v.metric_id: v.get_value() for v in run.computed}


def reasons(run: MetricsRun) -> dict[str, str]:
    return {s.metric_id: s.reason for s in run.skipped}


def last(world: World, item: str) -> dict[str, MetricValue]:
    key = metrics.key_of(world.project, item)
    return world.node.metrics.last(key)


@pytest.mark.requirement("A47")
def test_a_build_measures_size_files_and_columns_but_not_the_record_count(world: World) -> None:
    world.dataset("t", ROWS)
    run = metrics.after_build(world.node, world.project, "t", job="j1")
    assert {v.metric_id for v in run.computed} == {"basic:COUNT_COLUMNS", "basic:COUNT_FILES", "basic:SIZE"}
    assert plain(run)["basic:COUNT_COLUMNS"] == 2
    assert {(v.origin, v.run_id) for v in run.computed} == {("build", "j1")}


@pytest.mark.requirement("A47")
def test_a_build_counts_rows_when_that_is_switched_on_and_not_the_basics_when_switched_off(
    world: World,
) -> None:
    probes = [{"type": "records", "on_build": True}, {"type": "basic", "on_build": False}]
    world.dataset("t", ROWS, probes=probes)
    assert plain(metrics.after_build(world.node, world.project, "t")) == {"records:COUNT_RECORDS": 4}


def test_compute_runs_every_enabled_probe_and_keeps_history(world: World) -> None:
    world.dataset("t", ROWS, probes=[{"type": "percentiles", "columns": ["x"], "enabled": False}])
    for _ in range(2):
        run = metrics.compute(world.node, KEY, "t")
    assert plain(run)["records:COUNT_RECORDS"] == 4
    assert not any(i.startswith("percentile") for i in plain(run))
    assert len(metrics.history(world.node, KEY, "t", "records:COUNT_RECORDS")) == 2
    assert "reporting:METRICS_COMPUTATION_DURATION" in last(world, "t")


@pytest.mark.requirement("A53")
def test_all_expression_probes_of_a_dataset_are_one_query(world: World) -> None:
    wide = {f"c{i}": [float(i), None, 3.0] for i in range(10)}
    everything = ["MIN", "MAX", "MEAN", "SUM", "STDDEV", "MEDIAN", "COUNT", "COUNT_DISTINCT", "COUNT_EMPTY"]
    probes = [
        {"type": "column_statistics", "aggregates": everything},
        {"type": "percentiles", "columns": ["c1", "c2"]},
        {"type": "advanced_column_statistics", "columns": ["c3"]},
    ]
    world.dataset("t", wide, probes=probes)
    run = metrics.compute(world.node, KEY, "t")
    assert run.queries == 1
    assert len([i for i in plain(run) if i.startswith("col_stats:")]) == 90
    assert not run.skipped


def test_a_probe_or_a_metric_may_be_chosen_and_an_unknown_one_is_named(world: World) -> None:
    world.dataset("t", ROWS, probes=[{"type": "column_statistics", "columns": ["x"]}])
    assert set(plain(metrics.compute(world.node, KEY, "t", probes=["records"]))) == {"records:COUNT_RECORDS"}
    run = metrics.compute(world.node, KEY, "t", metric_ids=["col_stats:MAX:x", "col_stats:MAX:nope"])
    assert plain(run) == {"col_stats:MAX:x": 4.0}
    assert reasons(run) == {"col_stats:MAX:nope": "no probe of the object computes it."}
    with pytest.raises(NotFound, match="Did you mean records"):
        metrics.compute(world.node, KEY, "t", probes=["record"])


def test_what_has_no_value_is_skipped_with_a_reason_and_never_stored(world: World) -> None:
    import pyarrow as pa

    probes = [{"type": "column_statistics", "aggregates": ["MEAN", "MAX"]}]
    world.dataset("t", {"e": pa.array([], pa.float64()), "s": pa.array([], pa.string())}, probes=probes)
    run = metrics.compute(world.node, KEY, "t", probes=["column_statistics"])
    assert not run.computed
    assert reasons(run)["col_stats:MEAN:s"] == "column 's' is string, not a number."
    assert "there is no value" in reasons(run)["col_stats:MEAN:e"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_nan_and_infinity_are_never_recorded(world: World, value: float | None) -> None:
    world.dataset("t", ROWS)
    run = metrics.record(world.node, metrics.key_of(world.project, "t"), {"a": value, "b": 1.5})
    assert plain(run) == {"b": 1.5}
    assert set(reasons(run)) == {"a"}


@pytest.mark.requirement("A49")
def test_a_sql_probe_gives_a_metric_per_alias_of_the_first_row(world: World) -> None:
    query = "SELECT count(*) AS n, max(x) AS m FROM t JOIN dataset USING (x) WHERE x >= ${least}"
    probes = [
        {"type": "sql", "name": "q", "query": query},
        {"type": "sql", "name": "one", "aggregate": "sum(x)"},
    ]
    world.dataset("t", ROWS, probes=probes)
    run = metrics.compute(world.node, KEY, "t", probes=["q", "one"])
    assert plain(run) == {"sql_query:n:q": 2, "sql_query:m:q": 4.0, "sql_query:col_0:one": 7.0}


def test_a_broken_query_fails_alone(world: World) -> None:
    world.dataset("t", ROWS, probes=[{"type": "sql", "name": "q", "query": "SELECT nope FROM dataset"}])
    run = metrics.compute(world.node, KEY, "t")
    assert plain(run)["records:COUNT_RECORDS"] == 4
    assert "nope" in reasons(run)["q"]


@pytest.mark.requirement("A50")
def test_a_python_probe_gives_a_metric_per_key_with_its_type(world: World) -> None:
    code = """
def process(dataset):
    table = dataset.arrow()
    plain = {"rows": table.num_rows, "share": 0.5, "ok": True, "list": [1, 2], "bad": float("nan")}
    return {**plain, "forced": (3, "DOUBLE")}
"""
    world.dataset("t", ROWS, probes=[{"type": "python", "name": "mine", "code": code}])
    run = metrics.compute(world.node, KEY, "t", probes=["mine"])
    types = {v.metric_id.split(":")[1]: v.data_type for v in run.computed}
    assert types == {
        "rows": "BIGINT",
        "share": "DOUBLE",
        "ok": "BOOLEAN",
        "forced": "DOUBLE",
        "list": "ARRAY",
    }
    assert plain(run)["python:rows:mine"] == 4
    assert set(reasons(run)) == {"python:bad:mine"}


@pytest.mark.requirement("A50")
def test_a_python_probe_that_raises_is_marked_failed_and_stores_nothing(world: World) -> None:
    code = "def process(dataset):\n    raise ValueError('broken')"
    world.dataset("t", ROWS, probes=[{"type": "python", "name": "mine", "code": code}])
    run = metrics.compute(world.node, KEY, "t", probes=["mine"])
    assert not run.computed
    assert reasons(run) == {"mine": "ValueError: broken."}
    assert not [i for i in last(world, "t") if i.startswith("python:")]


def test_a_folder_has_files_and_bytes_and_python_probes(world: World) -> None:
    code = "def process(folder):\n    return ', '.join(folder.files())"
    root = world.folder("monthly", probes=[{"type": "python", "name": "names", "code": code}])
    (root / "april.csv").write_text("abc")
    run = metrics.compute(world.node, KEY, "monthly")
    assert plain(run) == {"basic:COUNT_FILES": 1, "basic:SIZE": 3, "python:value:names": "april.csv"}


@pytest.mark.requirement("A40", "M45")
def test_metrics_of_evaluations_can_be_chosen_by_name_without_any_probe(world: World) -> None:
    world.store("mes", displayed_metrics=["performance:auc"])
    evaluations.push(world.node, KEY, "mes", {"drift:DATA_DRIFT": 0.52, "performance:auc": 0.8})
    found = metrics.available(world.node, KEY, "mes")
    assert [(m.label, m.displayed) for m in found][1] == ("Data Drift", False)
    assert found[0].displayed
    assert found[1].last is not None
    assert found[1].last.get_value() == 0.52


def read(world: World, dataset: str) -> list[dict[str, Any]]:
    return [dict(row) for row in datasets.head(world.node, KEY, dataset).rows]


@pytest.mark.requirement("A45", "M54")
def test_a_metrics_dataset_lies_in_the_zone_of_its_object_and_grows_with_each_evaluation(
    world: World,
) -> None:
    world.store("mes")
    world.zone("Monitoring", "mes")
    name = metrics.create_metrics_dataset(world.node, KEY, "mes", author="ann")
    assert name == "mes_metrics"
    assert world.project.zones.zones["Monitoring"].items == ("mes", "mes_metrics")
    for number, value in enumerate((0.5, 0.6), start=1):
        evaluations.push(world.node, KEY, "mes", {"drift:DATA_DRIFT": value}, id=f"e{number}")
        rows = read(world, name)
        assert [(r["evaluation_id"], r["metric_name"], r["value_num"]) for r in rows][-1] == (
            f"e{number}", "Data Drift", value,
        )  # fmt: skip
        assert len(rows) == number


@pytest.mark.requirement("A46", "M54")
def test_a_checks_dataset_has_outcomes_and_messages_of_an_object_or_of_the_project(world: World) -> None:
    check = {"type": "numeric_range", "name": "drift", "metric": "drift:DATA_DRIFT", "maximum": 0.4}
    for store in ("mes", "other"):
        world.store(store, checks=[check])
        evaluations.push(world.node, KEY, store, {"drift:DATA_DRIFT": 0.52})
        for _ in range(2):
            checks.run(world.node, KEY, store)
    of_one = metrics.create_metrics_dataset(world.node, KEY, "mes", "checks", author="ann")
    last = metrics.create_metrics_dataset(
        world.node, KEY, "mes", "checks", author="ann", name="last", scope="project", last_only=True
    )
    assert [(r["outcome"], r["message"]) for r in read(world, of_one)] == [("ERROR", "0.52 (> 0.4)")] * 2
    assert sorted(r["object_name"] for r in read(world, last)) == ["mes", "other"]


def test_a_metrics_dataset_never_takes_the_name_of_something_else(world: World) -> None:
    world.store("mes")
    metrics.create_metrics_dataset(world.node, KEY, "mes", author="ann")
    with pytest.raises(Conflict, match="'mes_metrics'"):
        metrics.create_metrics_dataset(world.node, KEY, "mes", author="ann")


@pytest.mark.requirement("A40", "M45")
def test_the_metrics_shown_are_saved_in_their_order_and_a_new_check_leaves_them(world: World) -> None:
    world.store("mes")
    chosen = ["drift:DATA_DRIFT", "performance:auc"]
    metrics.display(world.node, KEY, "mes", chosen, author="ann")
    changed = world.project.evaluation_store("mes").changed(
        checks=({"type": "python", "name": "c", "code": "x"},)
    )
    world.save("evaluation_store", "mes", changed)
    found = metrics.available(world.node, KEY, "mes")
    assert [m.id for m in found if m.displayed] == chosen
    assert found[0].label == "Data Drift"


def test_a_statistic_that_the_engine_cannot_compute_does_not_take_the_others_along(world: World) -> None:
    probes = [{"type": "column_statistics", "aggregates": ["MIN", "SUM", "MEAN"]}]
    world.dataset("t", {"big": [2**62] * 3, "odd": [1.0, float("inf"), 2.0], "b": [1, 2, 3]}, probes=probes)
    run = metrics.compute(world.node, KEY, "t", probes=["column_statistics"])
    assert set(reasons(run)) == {"col_stats:SUM:big", "col_stats:SUM:odd", "col_stats:MEAN:odd"}
    assert plain(run) == {
        "col_stats:MIN:big": 2**62, "col_stats:MEAN:big": float(2**62), "col_stats:MIN:odd": 1.0,
        "col_stats:MIN:b": 1, "col_stats:SUM:b": 6, "col_stats:MEAN:b": 2.0,
    }  # fmt: skip


def test_a_dataset_that_was_never_built_says_so_for_every_metric(world: World) -> None:
    world.save("dataset", "t", registry.parse("datasets", {"type": "managed"}))
    run = metrics.compute(world.node, KEY, "t")
    assert not run.computed
    assert reasons(run)["records"] == "Dataset t has not been built yet."


def test_a_source_and_a_live_dataset_are_measured_like_any_other(world: World) -> None:
    code = "def process(dataset):\n    return dataset.arrow().num_rows"
    probes = [
        {"type": "sql", "name": "q", "query": "SELECT max(n) AS m FROM numbers"},
        {"type": "python", "name": "p", "code": code},
    ]
    columns = [{"name": "n", "type": "int"}]
    inline = {"type": "inline", "columns": columns, "rows": [{"n": 1}, {"n": 2}], "probes": probes}
    world.save("dataset", "numbers", registry.parse("datasets", inline))
    found = plain(metrics.compute(world.node, KEY, "numbers"))
    assert (found["records:COUNT_RECORDS"], found["sql_query:m:q"], found["python:value:p"]) == (2, 2, 2)
    live = metrics.create_metrics_dataset(world.node, KEY, "numbers", author="ann")
    assert plain(metrics.compute(world.node, KEY, live))["records:COUNT_RECORDS"] >= 4
