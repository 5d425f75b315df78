"""Rehearsing recipes: first rows of outputs without a job; nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import PenstockError, Refused
from penstock.core.node import Node
from penstock.runtime import rehearsing
from penstock.testing import a_node, a_project, build, fill


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made, {"datasets/raw": {"type": "managed"}, "datasets/few": {"type": "managed"}})
    fill(made, "raw", n=[1, 2, 2])
    a_project(made, {"recipes/one": {"type": "distinct", "input": "raw", "output": "few"}})
    return made


def test_rows_are_computed_and_nothing_is_written(node: Node) -> None:
    (seen,) = rehearsing.rehearse(node, "DEMO", "one")
    assert sorted(row["n"] for row in seen.rows) == [1, 2]
    assert seen.total == 2
    assert node.data.snapshot("DEMO", "few") is None
    assert node.runs.jobs("DEMO") == []


def test_settings_that_are_not_saved_can_be_rehearsed(node: Node) -> None:
    values = {"type": "top", "input": "raw", "output": "few", "first": 1, "order": ["n"]}
    (seen,) = rehearsing.rehearse(node, "DEMO", "one", values)
    assert [row["n"] for row in seen.rows] == [1]


def test_columns_that_a_run_would_change_are_told(node: Node) -> None:
    build(node, "few")
    values = {"type": "distinct", "input": "raw", "output": "few", "count": "times"}
    (seen,) = rehearsing.rehearse(node, "DEMO", "one", values)
    assert [(c.column, c.what) for c in seen.changes] == [("times", "added")]


def test_a_query_sees_samples_of_its_inputs(node: Node) -> None:
    values = {"type": "sql", "inputs": ["raw"], "output": "few", "body": "SELECT max(n) AS most FROM raw"}
    (seen,) = rehearsing.rehearse(node, "DEMO", "one", values)
    assert [dict(row) for row in seen.rows] == [{"most": 2}]


def test_what_is_wrong_with_a_query_is_said(node: Node) -> None:
    values = {"type": "sql", "inputs": ["raw"], "output": "few", "body": "SELECT nope FROM raw"}
    with pytest.raises(PenstockError, match="nope"):
        rehearsing.rehearse(node, "DEMO", "one", values)


def test_a_program_is_refused_and_never_run(node: Node, tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'ran')!r}, 'w')"
    values = {"type": "python", "inputs": ["raw"], "outputs": ["few"], "body": code}
    with pytest.raises(Refused, match="program"):
        rehearsing.rehearse(node, "DEMO", "one", values)
    assert not (tmp_path / "ran").exists()


def test_samples_vanish(node: Node) -> None:
    rehearsing.rehearse(node, "DEMO", "one")
    assert not list((node.config.home / "work").glob("read-*"))
