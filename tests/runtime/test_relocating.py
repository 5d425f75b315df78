"""Datasets that move to another connection, and projects that come in with other ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import ConnectionMissing, ConnectionNotWritable, Refused
from penstock.core.node import Node
from penstock.runtime import connections, flow, keeping, projects, relocating
from penstock.testing import KEY, a_node, a_project, build, fill, rows
from tests.servers import Postgres


@pytest.fixture
def node(tmp_path: Path, postgres: Postgres) -> Node:
    """`raw` → `one` → `two`, in files; and a database."""
    made = a_node(tmp_path)
    connections.define(made, "warehouse", postgres.settings)
    a_project(made, {
        "datasets/raw": {"type": "managed"}, "datasets/one": {"type": "managed"}, "datasets/two": {"type": "managed"},
        "recipes/first": {"type": "sync", "input": "raw", "output": "one"},
        "recipes/second": {"type": "sync", "input": "one", "output": "two"},
    })  # fmt: skip
    fill(made, "raw", n=[1, 2])
    build(made, "two")
    return made


def tables(postgres: Postgres) -> set[str]:
    found = postgres.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name for (name,) in found} - {"penstock_tables"}


def to_warehouse(node: Node, *names: str, rows: bool = False, drop: bool = False) -> relocating.Moved:
    return relocating.change_connection(node, KEY, names, "warehouse", author="ann", rows=rows, drop=drop)


def states(node: Node) -> dict[str, str]:
    return {n: s.state for n, s in flow.standings(node, KEY).items() if n in ("one", "two")}


@pytest.mark.requirement("A13")
def test_moved_datasets_keep_the_flow_and_the_next_build_fills_their_tables(
    node: Node, postgres: Postgres
) -> None:
    moved = to_warehouse(node, "one", "two")
    assert moved.datasets == ("one", "two")
    assert projects.validate(node, KEY) == []
    assert projects.history(node, KEY)[0].message == "Move 2 datasets to warehouse"
    assert tables(postgres) == set()
    build(node, "two")
    assert tables(postgres) == {"DEMO_one", "DEMO_two"}
    assert rows(node, "two") == [{"n": 1}, {"n": 2}]


@pytest.mark.requirement("A13")
def test_rows_may_be_brought_along_and_nothing_is_out_of_date(node: Node, postgres: Postgres) -> None:
    before = states(node)
    moved = to_warehouse(node, "one", "two", rows=True)
    assert dict(moved.copied) == {"one": 2, "two": 2}
    assert states(node) == before
    assert postgres.run('SELECT n FROM "DEMO_two"') == [(1,), (2,)]


@pytest.mark.requirement("A13")
def test_old_rows_are_dropped_when_that_is_wanted(node: Node, postgres: Postgres) -> None:
    to_warehouse(node, "one", rows=True, drop=True)
    assert node.data.snapshot(KEY, "one") is None
    back = relocating.change_connection(node, KEY, ["one"], "", author="ann", rows=True, drop=True)
    assert (dict(back.copied), back.dropped) == ({"one": 2}, ("one",))
    assert tables(postgres) == set()
    assert rows(node, "one") == [{"n": 1}, {"n": 2}]


def test_a_dataset_that_lives_there_already_is_left_alone(node: Node) -> None:
    to_warehouse(node, "one")
    assert to_warehouse(node, "one").datasets == ()


def test_a_dataset_without_a_connection_is_refused_and_nothing_moves(node: Node) -> None:
    a_project(node, {"datasets/small": {"type": "inline", "columns": [{"name": "a"}], "rows": [{"a": "x"}]}})
    with pytest.raises(Refused, match="small of type inline has no connection"):
        to_warehouse(node, "one", "small")
    assert node.projects.load(KEY).dataset("one").database() == ""


def test_a_connection_that_keeps_nothing_is_refused(node: Node, postgres: Postgres) -> None:
    connections.define(node, "warehouse", {**postgres.settings, "managed_datasets": False})
    with pytest.raises(ConnectionNotWritable):
        to_warehouse(node, "one")


def test_the_table_of_a_renamed_dataset_follows(node: Node, postgres: Postgres) -> None:
    to_warehouse(node, "one", rows=True)
    before = states(node)
    projects.rename(node, KEY, "one", "uno", author="ann")
    assert tables(postgres) == {"DEMO_uno"}
    assert rows(node, "uno") == [{"n": 1}, {"n": 2}]
    assert flow.standings(node, KEY)["uno"].state == before["one"]


@pytest.mark.requirement("A15")
def test_a_duplicated_project_writes_to_tables_of_its_own(node: Node, postgres: Postgres) -> None:
    to_warehouse(node, "one", "two")
    fixed = node.projects.load(KEY).dataset("two").changed(table="fixed")
    node.projects.save(
        KEY, {"flow/datasets/two.yaml": fixed}, author="ann", message="a table of its own name"
    )
    build(node, "two")
    copied = projects.duplicate(node, KEY, "AGAIN", author="ann")
    assert (copied.key, list(copied.recipes)) == ("AGAIN", ["first", "second"])
    fill(node, "raw", key="AGAIN", n=[9])
    build(node, "two", key="AGAIN")
    assert tables(postgres) == {"DEMO_one", "fixed", "AGAIN_one", "AGAIN_two"}
    assert rows(node, "two") == [{"n": 1}, {"n": 2}]
    assert rows(node, "two", key="AGAIN") == [{"n": 9}]


@pytest.mark.requirement("A14")
def test_an_imported_project_waits_for_its_connection_to_be_mapped(
    node: Node, tmp_path: Path, postgres: Postgres
) -> None:
    to_warehouse(node, "one", "two")
    source = node.projects.load(KEY).path
    other = a_node(tmp_path / "other")
    connections.define(other, "lake", postgres.settings)
    with pytest.raises(ConnectionMissing, match="one and 1 more needs warehouse"):
        projects.add(other, source, author="ann")
    assert other.projects.keys() == []
    added = projects.add(other, source, author="ann", key="TAKEN", connections=["warehouse=lake"])
    assert {d.database() for n, d in added.datasets.items() if n != "raw"} == {"lake"}
    fill(other, "raw", key="TAKEN", n=[5])
    build(other, "two", key="TAKEN")
    assert tables(postgres) == {"TAKEN_one", "TAKEN_two"}


def test_a_deleted_project_takes_its_tables_along(node: Node, postgres: Postgres) -> None:
    to_warehouse(node, "one", rows=True)
    projects.delete(node, KEY)
    assert tables(postgres) == set()


def test_what_a_killed_writer_left_is_dropped_by_a_sweep(node: Node, postgres: Postgres) -> None:
    to_warehouse(node, "one", rows=True)
    draft = keeping.of(node, node.projects.load(KEY), "one").begin()
    with node.engines.session() as session:
        draft.write(session, _arrow())
    assert keeping.sweep(node) == 0
    draft.draft.settled()  # type: ignore[attr-defined]  # its connection is gone, as after kill -9
    assert keeping.sweep(node) == 1
    assert tables(postgres) == {"DEMO_one"}


def _arrow() -> object:
    import pyarrow as pa

    return pa.table({"n": [7]})
