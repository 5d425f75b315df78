"""Nodes of a Flow grouped by one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import NotFound
from penstock.core.node import Node
from penstock.runtime import checks, views
from penstock.testing import KEY, a_node, a_project, build, fill

RULE = {"type": "record_count_in_range", "minimum": 5, "auto_run": False}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(
        node,
        {
            "datasets/raw": {"type": "managed", "tags": ["gold", "daily"]},
            "datasets/typed": "type: inline\nrows: [{n: 1}]\n",
            "datasets/copied": {"type": "managed", "rules": [RULE]},
            "recipes/copy_it": {"type": "sync", "input": "raw", "output": "copied", "tags": ["daily"]},
        },
    )
    fill(node, "raw", n=[1, 2])
    return node


def test_by_the_first_tag(node: Node) -> None:
    assert views.view(node, KEY, "tags") == {"raw": "gold", "recipe:copy_it": "daily"}


def test_by_where_data_lives(node: Node) -> None:
    found = views.view(node, KEY, "connection")
    assert found == {"raw": "managed by Penstock", "copied": "managed by Penstock", "typed": "inline"}


def test_by_the_age_of_the_last_build(node: Node) -> None:
    assert views.view(node, KEY, "build") == {}
    build(node, "copied")
    assert views.view(node, KEY, "build") == {"copied": "today"}


def test_by_the_worst_of_the_checks(node: Node) -> None:
    assert views.view(node, KEY, "checks") == {"copied": "EMPTY"}
    build(node, "copied")
    checks.run(node, KEY, "copied")
    assert views.view(node, KEY, "checks") == {"copied": "ERROR"}


def test_a_view_there_is_not(node: Node) -> None:
    with pytest.raises(NotFound, match="checks"):
        views.view(node, KEY, "check")
