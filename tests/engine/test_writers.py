"""Every database that recipes write to keeps the same promises."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from penstock.core.errors import JobFailed, Refused
from penstock.core.node import Node
from penstock.runtime import connections, datasets, keeping, placing, projects
from penstock.testing import KEY, a_node, a_project, build, fill, rows

IN_DATABASE = {"type": "managed", "connection": "warehouse"}


@pytest.fixture(params=["postgres", "mariadb", "sqlite"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Node:
    """A node with a database, and `raw` → `copied` → `few`, the last two there."""
    made = a_node(tmp_path)
    connections.define(made, "warehouse", _settings(request, tmp_path))
    a_project(made, {
        "datasets/raw": {"type": "managed"}, "datasets/copied": IN_DATABASE, "datasets/few": IN_DATABASE,
        "datasets/rest": IN_DATABASE,
        "recipes/copy": {"type": "sync", "input": "raw", "output": "copied"},
        "recipes/split": {
            "type": "split", "input": "copied", "method": "filters", "rest": "rest", "engine": "database",
            "parts": [{"output": "few", "filter": {"rules": [{"column": "n", "operator": "<", "value": 3}]}}],
        },
    })  # fmt: skip
    return made


def _settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    if request.param == "sqlite":
        sqlite3.connect(tmp_path / "shop.db").close()
        return {"type": "sqlite", "path": str(tmp_path / "shop.db")}
    found: dict[str, Any] = request.getfixturevalue(request.param).settings
    return found


def snapshot(node: Node, name: str) -> Any:
    return keeping.snapshot(node, node.projects.load(KEY), name)


@pytest.mark.requirement("A12", "A16")
def test_rows_come_by_a_sync_and_are_computed_with_where_they_live(node: Node) -> None:
    fill(node, "raw", n=[1, 2, 3], word=["a", "", None])
    build(node, "few")
    assert placing.show(node, KEY, "split").engine == "database"
    assert rows(node, "copied") == rows(node, "raw")
    assert [r["n"] for r in rows(node, "few")] == [1, 2]
    assert [r["n"] for r in rows(node, "rest")] == [3]
    assert (snapshot(node, "few").rows, snapshot(node, "copied").rows) == (2, 3)


def test_a_build_replaces_the_table_and_a_smart_one_leaves_it(node: Node) -> None:
    fill(node, "raw", n=[1])
    build(node, "few")
    first = snapshot(node, "few")
    build(node, "few")
    assert snapshot(node, "few") == first
    fill(node, "raw", n=[2, 5])
    build(node, "few")
    assert rows(node, "few") == [{"n": 2}]
    assert snapshot(node, "few").id > first.id


@pytest.mark.parametrize("node", ["mariadb", "sqlite"], indirect=True)
def test_of_itself_a_visual_recipe_runs_only_in_databases_it_was_tried_in(node: Node) -> None:
    auto = {"type": "sort", "input": "copied", "output": "rest", "order": ["n"]}
    a_project(node, {"recipes/split": {**auto}})
    shown = placing.show(node, KEY, "split")
    assert (shown.engine, shown.available) == ("local", True)
    assert "only when `engine: database` says so" in shown.reason


@pytest.mark.requirement("A16")
def test_a_failed_recipe_leaves_the_old_table(node: Node) -> None:
    fill(node, "raw", n=[1])
    build(node, "few")
    a_project(
        node,
        {
            "recipes/split": {
                "type": "sql",
                "inputs": ["copied"],
                "output": "few",
                "body": "SELECT nothing FROM copied",
            }
        },
    )
    with pytest.raises(JobFailed, match="nothing"):
        build(node, "few")
    assert rows(node, "few") == [{"n": 1}]


def test_values_come_back_as_they_were(node: Node) -> None:
    given = pa.table({
        "big": pa.array([2**62, None]), "half": pa.array([0.5, None]), "flag": pa.array([True, None]),
        "text": pa.array(["ünï \U0001f600 'quoted\" %s \\", None]), "day": pa.array([date(2024, 2, 29), None]),
        "at": pa.array([datetime(2024, 1, 1, 1, 2, 3, 456789), None], pa.timestamp("us")),
        "instant": pa.array([datetime(2024, 1, 1, 5, tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
    })  # fmt: skip
    fill(node, "few", given)
    assert rows(node, "few") == given.to_pylist()


def test_what_is_cleared_renamed_and_appended_is_so_in_the_database(node: Node) -> None:
    a_project(node, {"datasets/notes": IN_DATABASE})
    datasets.append(node, KEY, "notes", [{"text": "a"}])
    datasets.append(node, KEY, "notes", [{"text": "b"}])
    projects.rename(node, KEY, "notes", "words", author="ann")
    assert rows(node, "words") == [{"text": "a"}, {"text": "b"}]
    datasets.clear(node, KEY, "words")
    assert snapshot(node, "words") is None


def test_a_table_of_somebody_else_is_never_replaced(node: Node) -> None:
    other = {**IN_DATABASE, "table": "DEMO_few"}
    a_project(node, {"datasets/thief": other})
    fill(node, "few", n=[1])
    with pytest.raises(Refused, match=r"holds dataset DEMO\.few"):
        fill(node, "thief", n=[2])


def test_what_is_forgotten_before_it_is_swapped_in_leaves_nothing(node: Node) -> None:
    fill(node, "few", n=[1])
    draft = keeping.of(node, node.projects.load(KEY), "few").begin()
    with node.engines.session() as session:
        draft.write(session, pa.table({"n": [2]}))
    draft.discard()
    assert rows(node, "few") == [{"n": 1}]
    assert keeping.sweep(node) == 0


@pytest.mark.parametrize("node", ["mariadb"], indirect=True)
def test_a_writer_that_dies_between_renaming_and_book_keeping_has_swapped(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from penstock.engine.writers.mysql import MysqlWriter

    fill(node, "few", n=[1])
    with monkeypatch.context() as patched:
        patched.setattr(MysqlWriter, "remember", _dies)
        patched.setattr(MysqlWriter, "abandon", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            fill(node, "few", n=[1, 2])
    assert rows(node, "few") == [{"n": 1}, {"n": 2}]
    assert snapshot(node, "few").rows == 2
    fill(node, "few", n=[3])
    assert rows(node, "few") == [{"n": 3}]


@pytest.mark.parametrize("node", ["mariadb"], indirect=True)
def test_outputs_are_swapped_by_one_statement(node: Node, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("mariadb")
    fill(node, "raw", n=[1, 5])
    build(node, "few")
    fill(node, "raw", n=[2, 7])
    before = int(server.run("SHOW GLOBAL STATUS LIKE 'Com_rename_table'")[0][1])
    build(node, "few")
    after = int(server.run("SHOW GLOBAL STATUS LIKE 'Com_rename_table'")[0][1])
    assert after - before == 2  # one of the copy, one of the split with its two outputs
    assert (rows(node, "few"), rows(node, "rest")) == ([{"n": 2}], [{"n": 7}])


@pytest.mark.parametrize("node", ["mariadb"], indirect=True)
def test_where_one_output_cannot_be_swapped_none_is(
    node: Node, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from penstock.engine.writers.mysql import MysqlWriter

    server = request.getfixturevalue("mariadb")
    fill(node, "raw", n=[1, 5])
    build(node, "few")
    fill(node, "raw", n=[2, 7])
    swap_all = MysqlWriter.swap_all

    def robbed(writer: MysqlWriter, pairs: Any) -> None:
        if len(pairs) > 1:
            server.run(f"DROP TABLE {writer.name(pairs[-1][0])}")
        swap_all(writer, pairs)

    monkeypatch.setattr(MysqlWriter, "swap_all", robbed)
    with pytest.raises(JobFailed, match="doesn't exist"):
        build(node, "few")
    assert (rows(node, "few"), rows(node, "rest")) == ([{"n": 1}], [{"n": 5}])


def _dies(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt
