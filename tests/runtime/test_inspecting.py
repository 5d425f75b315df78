"""What is known about one node of a Flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import NotFound
from penstock.core.node import Node
from penstock.runtime import inspecting
from penstock.testing import KEY, a_node, a_project, build, fill


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(
        node,
        {
            "datasets/raw": {"type": "managed"},
            "datasets/copied": {"type": "managed"},
            "recipes/copy_it": {"type": "sync", "input": "raw", "output": "copied"},
        },
    )
    fill(node, "raw", n=[1, 2])
    node.projects.save(
        KEY, {"scenarios/nightly.yaml": "steps: [{type: build, name: B, items: [copied]}]\n"}, author="ann",
        message="x",
    )  # fmt: skip
    return node


def test_an_object_is_told_with_its_last_build_columns_and_uses(node: Node) -> None:
    job = build(node, "copied")
    found = inspecting.inspect(node, KEY, "copied")
    assert (found.node.id, found.rebuild, found.not_clearable, found.upstream) == ("copied", "normal", "", 1)
    assert found.job is not None
    assert found.job.id == job.id
    assert found.activity is not None
    assert found.activity.recipe == "copy_it"
    assert [c.name for c in found.columns] == ["n"]
    assert found.scenarios == ("nightly",)
    assert found.snapshot is not None
    assert found.snapshot.rows == 2


def test_a_recipe_is_told_with_the_last_build_of_what_it_writes(node: Node) -> None:
    build(node, "copied")
    found = inspecting.inspect(node, KEY, "recipe:copy_it")
    assert (found.node.name, found.rebuild, found.columns, found.verdict) == ("copy_it", "", (), None)
    assert found.activity is not None
    assert found.scenarios == ("nightly",)


def test_an_unknown_name_is_told_with_the_nearest(node: Node) -> None:
    with pytest.raises(NotFound, match="copied"):
        inspecting.inspect(node, KEY, "copeid")
