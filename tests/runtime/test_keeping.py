"""Managed datasets in a database: written aside, swapped in by one transaction, computed where they live."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from penstock.core.dataset import Snapshot
from penstock.core.errors import ActivityFailed, ConnectionNotWritable, JobFailed
from penstock.core.node import Node
from penstock.runtime import connections, datasets, keeping, metrics, placing, rehearsing
from penstock.testing import KEY, a_node, a_project, build, fill, rows
from tests.servers import Postgres
from tests.wire import Wire

TEXT = "ünï \U0001f600 'quoted\""
WORDS = "SELECT n::text AS n FROM copied"
HALVES = "SELECT 10 / n AS half FROM copied"
IN_DATABASE = {"type": "managed", "connection": "warehouse"}


@pytest.fixture
def node(tmp_path: Path, postgres: Postgres) -> Node:
    made = a_node(tmp_path)
    connections.define(made, "warehouse", postgres.settings)
    return made


def tables(postgres: Postgres) -> list[str]:
    found = postgres.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return [name for (name,) in found if name != "penstock_tables"]


def a_copy(node: Node, **settings: Any) -> None:
    """`raw`, in files, synced to `copy`, in the database."""
    a_project(node, {
        "datasets/raw": {"type": "managed"}, "datasets/copied": IN_DATABASE,
        "recipes/copy": {"type": "sync", "input": "raw", "output": "copied", **settings},
    })  # fmt: skip


def snapshot(node: Node, name: str) -> Snapshot | None:
    return keeping.snapshot(node, node.projects.load(KEY), name)


@pytest.mark.requirement("A12")
def test_a_sync_fills_a_table_with_the_same_columns_and_rows(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    fill(node, "raw", n=[1, None, 3], word=["a", "", None])
    build(node, "copied")
    assert tables(postgres) == ["DEMO_copied"]
    assert postgres.run('SELECT n, word FROM "DEMO_copied"') == [(1, "a"), (None, ""), (3, None)]
    assert rows(node, "copied") == rows(node, "raw")
    kept = snapshot(node, "copied")
    assert kept is not None
    assert (kept.rows, [(c.name, c.type) for c in kept.columns]) == (3, [("n", "bigint"), ("word", "string")])


def test_what_was_never_built_is_not_ready(node: Node) -> None:
    a_copy(node)
    assert snapshot(node, "copied") is None
    with pytest.raises(Exception, match="has not been built yet"):
        rows(node, "copied")


def test_a_smart_build_leaves_a_table_alone_until_its_input_changes(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    fill(node, "raw", n=[1])
    build(node, "copied")
    first = snapshot(node, "copied")
    build(node, "copied")
    assert snapshot(node, "copied") == first
    fill(node, "raw", n=[1, 2])
    build(node, "copied")
    assert postgres.run('SELECT count(*) FROM "DEMO_copied"') == [(2,)]


@pytest.mark.requirement("A16")
def test_a_visual_recipe_with_both_ends_there_is_one_statement(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    a_project(node, {
        "datasets/counts": IN_DATABASE,
        "recipes/count": {"type": "group", "input": "copied", "output": "counts", "keys": ["word"]},
    })  # fmt: skip
    fill(node, "raw", word=["a", "b", "a"])
    build(node, "copied")
    assert placing.show(node, KEY, "count").engine == "database"
    start = postgres.log.stat().st_size
    build(node, "counts")
    said = postgres.log.read_bytes()[start:].decode()
    assert "CREATE TABLE" in said
    assert not {"COPY", "FETCH"} & set(said.split())
    assert [r["word"] for r in rows(node, "counts")] == ["a", "b"]


def test_a_split_fills_all_its_tables_at_once(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    a_project(node, {
        "datasets/low": IN_DATABASE, "datasets/high": IN_DATABASE,
        "recipes/split": {
            "type": "split", "input": "copied", "method": "filters", "rest": "high",
            "parts": [{"output": "low", "filter": {"rules": [{"column": "n", "operator": "<", "value": 3}]}}],
        },
    })  # fmt: skip
    fill(node, "raw", n=[1, 2, 3, 4])
    build(node, "low")
    assert postgres.run('SELECT n FROM "DEMO_high"') == [(3,), (4,)]
    assert postgres.run('SELECT n FROM "DEMO_low"') == [(1,), (2,)]


def test_a_sql_recipe_runs_in_the_words_of_its_database(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    a_project(node, {
        "datasets/versions": IN_DATABASE,
        "recipes/ask": {
            "type": "sql", "inputs": ["copied"], "output": "versions",
            "body": "SELECT n, current_setting('server_version_num')::int / 10000 AS version FROM copied",
        },
    })  # fmt: skip
    fill(node, "raw", n=[7])
    build(node, "versions")
    assert rows(node, "versions") == [{"n": 7, "version": 18}]


@pytest.mark.requirement("A16")
def test_a_failed_recipe_leaves_the_old_table_and_nothing_aside(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    a_project(node, {
        "datasets/halves": IN_DATABASE,
        "recipes/halve": {"type": "sql", "inputs": ["copied"], "output": "halves", "body": HALVES},
    })  # fmt: skip
    fill(node, "raw", n=[5])
    build(node, "halves")
    fill(node, "raw", n=[0])
    with pytest.raises(JobFailed, match="division by zero"):
        build(node, "halves")
    assert rows(node, "halves") == [{"half": 2}]
    assert tables(postgres) == ["DEMO_copied", "DEMO_halves"]


def test_a_table_that_somebody_else_made_is_never_replaced(node: Node, postgres: Postgres) -> None:
    postgres.run('CREATE TABLE "DEMO_copied" (theirs int)')
    a_copy(node)
    fill(node, "raw", n=[1])
    with pytest.raises(JobFailed, match="Penstock did not write"):
        build(node, "copied")
    assert postgres.run('SELECT * FROM "DEMO_copied"') == []


@pytest.mark.requirement("A15")
def test_two_datasets_that_name_one_table_do_not_overwrite_each_other(node: Node) -> None:
    a_project(node, {
        "datasets/raw": {"type": "managed"},
        "datasets/one": {**IN_DATABASE, "table": "shared"}, "datasets/two": {**IN_DATABASE, "table": "shared"},
        "recipes/first": {"type": "sync", "input": "raw", "output": "one"},
        "recipes/second": {"type": "sync", "input": "raw", "output": "two"},
    })  # fmt: skip
    fill(node, "raw", n=[1])
    build(node, "one")
    with pytest.raises(JobFailed, match=r"holds dataset DEMO.one; DEMO.two may not replace it"):
        build(node, "two")


def test_a_view_of_somebody_on_a_table_outlives_its_next_build(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    fill(node, "raw", n=[1])
    build(node, "copied")
    postgres.run('CREATE VIEW theirs AS SELECT n * 2 AS doubled FROM "DEMO_copied"')
    fill(node, "raw", n=[21])
    build(node, "copied")
    assert postgres.run("SELECT * FROM theirs") == [(42,)]


def test_cleared_rows_are_gone_and_so_is_the_table(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    fill(node, "raw", n=[1])
    build(node, "copied")
    datasets.clear(node, KEY, "copied")
    assert tables(postgres) == []
    assert snapshot(node, "copied") is None


def test_rows_are_appended_to_a_table(node: Node) -> None:
    a_project(node, {"datasets/notes": IN_DATABASE})
    datasets.append(node, KEY, "notes", [{"text": "a"}])
    datasets.append(node, KEY, "notes", [{"text": "b", "more": 1}])
    assert rows(node, "notes") == [{"text": "a", "more": None}, {"text": "b", "more": 1}]


def test_a_connection_on_which_nothing_is_written_is_refused(node: Node, postgres: Postgres) -> None:
    connections.define(node, "warehouse", {**postgres.settings, "writable": False})
    a_copy(node)
    with pytest.raises(ConnectionNotWritable, match="warehouse"):
        fill(node, "copied", n=[1])


@pytest.mark.requirement("A12")
def test_every_sort_of_value_comes_back_as_it_was(node: Node) -> None:
    from datetime import UTC, date, datetime

    given = pa.table({
        "tiny": pa.array([-1, None], pa.int8()), "big": pa.array([2**62, -(2**62)]),
        "half": pa.array([0.5, float("nan")]),
        "flag": pa.array([True, None]), "text": pa.array([TEXT, ""]), "day": pa.array([date(2024, 2, 29), None]),
        "at": pa.array([datetime(2024, 1, 1, 1, 2, 3, 456789), None], pa.timestamp("us")),
        "instant": pa.array([datetime(2024, 1, 1, tzinfo=UTC), None], pa.timestamp("ms", tz="Europe/Berlin")),
        "many": pa.array([["a", "b"], None]), "inside": pa.array([{"x": 1}, None]),
        "code": pa.array(["u", "v"]).dictionary_encode(),
    })  # fmt: skip
    a_project(node, {"datasets/all": IN_DATABASE})
    fill(node, "all", given)
    first, second = rows(node, "all")
    assert first == {
        "tiny": -1, "big": 2**62, "half": 0.5, "flag": True, "text": TEXT, "day": date(2024, 2, 29),
        "at": datetime(2024, 1, 1, 1, 2, 3, 456789), "instant": datetime(2024, 1, 1, tzinfo=UTC), "many": ["a", "b"],
        "inside": '{"x": 1}', "code": "u",
    }  # fmt: skip
    assert second["half"] != second["half"]
    assert {k for k, v in second.items() if v is None} == {
        "tiny",
        "flag",
        "day",
        "at",
        "instant",
        "many",
        "inside",
    }


def test_an_error_of_the_database_is_told_in_its_words(node: Node) -> None:
    a_project(node, {"datasets/bad": IN_DATABASE})
    with pytest.raises(ActivityFailed, match="warehouse"):
        fill(node, "bad", text=["a\x00b"])


def test_an_engine_that_cannot_is_refused_before_anything_is_written(node: Node, postgres: Postgres) -> None:
    a_copy(node, engine="database")
    fill(node, "raw", n=[1])
    with pytest.raises(JobFailed, match="raw does not live in warehouse"):
        build(node, "copied")
    assert tables(postgres) == []


@pytest.mark.requirement("A12")
def test_a_strict_sync_refuses_other_columns_and_a_free_one_fills_them_by_name(node: Node) -> None:
    a_copy(node)
    declared = {
        **IN_DATABASE,
        "columns": [{"name": "n", "type": "bigint"}, {"name": "Extra", "type": "string"}],
    }
    a_project(node, {"datasets/copied": {**declared, "columns": declared["columns"][:1]}})
    fill(node, "raw", n=[1], extra=["x"])
    with pytest.raises(JobFailed, match="does not have the columns that copied declares"):
        build(node, "copied")
    a_project(node, {
        "datasets/copied": declared,
        "recipes/copy": {"type": "sync", "input": "raw", "output": "copied", "schema_mode": "by_name"},
    })  # fmt: skip
    build(node, "copied")
    assert rows(node, "copied") == [{"n": 1, "Extra": None}]


@pytest.mark.requirement("A12")
def test_a_model_learns_from_a_table_scores_into_one_and_adds_its_metrics_to_another(node: Node) -> None:
    a_project(node, {
        "datasets/known": IN_DATABASE, "datasets/scored": IN_DATABASE, "datasets/history": IN_DATABASE,
        "models/guess": {"design": {"target": "y", "algorithms": ["decision_tree"]}}, "evaluations/quality": {},
        "recipes/learn": {"type": "train", "input": "known", "model": "guess"},
        "recipes/score": {"type": "score", "input": "known", "model": "guess", "output": "scored"},
        "recipes/judge": {
            "type": "evaluate", "input": "known", "model": "guess", "store": "quality", "metrics": "history",
        },
    })  # fmt: skip
    fill(node, "known", x=[float(i % 7) for i in range(200)], y=[int(i % 7 > 3) for i in range(200)])
    build(node, "guess")
    build(node, "scored", "history")
    build(node, "history", mode="only")
    assert {r["prediction"] for r in rows(node, "scored")} == {0, 1}
    assert [r["rows"] for r in rows(node, "history")] == [200, 200]


def test_metrics_and_rules_are_asked_where_the_rows_are(node: Node, postgres: Postgres) -> None:
    a_copy(node)
    fill(node, "raw", n=[1, 2, None])
    build(node, "copied")
    start = postgres.log.stat().st_size
    found = metrics.compute(node, KEY, "copied")
    assert {v.metric_id: v.value for v in found.computed}["records:COUNT_RECORDS"] == "3"
    assert "TO STDOUT" not in postgres.log.read_bytes()[start:].decode()


def test_a_person_looks_at_rows_that_never_left_but_those_shown(node: Node) -> None:
    a_copy(node)
    fill(node, "raw", n=list(range(50)))
    build(node, "copied")
    seen = datasets.head(node, KEY, "copied", 3)
    assert [r["n"] for r in seen.rows] == [0, 1, 2]
    assert seen.built_at is not None
    assert datasets.count(node, KEY, "copied") == 50


@pytest.mark.requirement("A16")
def test_no_row_of_a_dataset_crosses_the_wire_for_recipes_inside_the_database(node: Node, wire: Wire) -> None:
    connections.define(node, "warehouse", wire.settings)
    a_copy(node)
    inside = {"type": "managed", "connection": "warehouse"}
    a_project(node, {
        **{f"datasets/{name}": inside for name in ("counts", "clean", "few", "rest", "pairs", "asked")},
        "recipes/count": {"type": "group", "input": "copied", "output": "counts", "keys": ["word"]},
        "recipes/clean": {
            "type": "prepare", "input": "copied", "output": "clean",
            "steps": [{"type": "formula", "column": "double", "formula": "n * 2"}],
        },
        "recipes/split": {
            "type": "split", "input": "clean", "method": "filters", "rest": "rest",
            "parts": [{"output": "few", "filter": {"rules": [{"column": "n", "operator": "<", "value": 9}]}}],
        },
        "recipes/pair": {
            "type": "join", "output": "pairs",
            "inputs": [{"dataset": "clean"}, {"dataset": "counts", "on": [{"left": "word"}]}],
        },
        "recipes/ask": {"type": "sql", "inputs": ["pairs"], "output": "asked", "body": "SELECT * FROM pairs"},
    })  # fmt: skip
    fill(node, "raw", n=list(range(3000)), word=[f"w{i % 1000}" for i in range(3000)])
    build(node, "copied")
    before = wire.rows
    for target in ("counts", "clean", "few", "pairs", "asked"):
        build(node, target)
    assert wire.rows - before < 600, "answers about tables and columns only, a handful a recipe"
    assert sum(s.startswith("CREATE TABLE") and " AS " in s for s in wire.statements) == 6
    assert datasets.count(node, KEY, "asked") == 3000


def test_a_recipe_inside_the_database_is_rehearsed_there(node: Node, wire: Wire) -> None:
    connections.define(node, "warehouse", wire.settings)
    a_copy(node)
    a_project(node, {
        "datasets/asked": {"type": "managed", "connection": "warehouse"},
        "recipes/ask": {"type": "sql", "inputs": ["copied"], "output": "asked", "body": WORDS},
        "recipes/back": {"type": "sync", "input": "copied", "output": "here"}, "datasets/here": {"type": "managed"},
    })  # fmt: skip
    fill(node, "copied", n=list(range(40_000)))
    assert rehearsing.doubt(node, KEY, "ask") == ""
    (seen,) = rehearsing.rehearse(node, KEY, "ask")
    assert (seen.total, seen.rows[0]) == (rehearsing.TAKEN, {"n": "0"})
    before = wire.rows
    assert rehearsing.rehearse(node, KEY, "back")[0].total == rehearsing.TAKEN
    assert wire.rows - before < 20_000, "the first rows, and what the driver asks about types"
