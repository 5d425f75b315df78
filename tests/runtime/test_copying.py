"""Copying a part of a Flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import NotFound, Refused
from penstock.core.node import Node
from penstock.runtime import copying, zones
from penstock.testing import KEY, a_node, a_project, build, fill, rows

SORT = {"type": "sort", "input": "copied", "output": "sorted", "order": [{"column": "n"}]}
ADD = {"type": "sql", "inputs": ["raw"], "output": "more", "body": 'SELECT n + 1 AS n FROM "raw"'}


def staged(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(
        node,
        {
            "datasets/raw": {"type": "managed"},
            "datasets/copied": {"type": "managed"},
            "datasets/sorted": {"type": "managed"},
            "recipes/copy_it": {"type": "sync", "input": "raw", "output": "copied"},
            "recipes/sort_it": SORT,
        },
    )
    fill(node, "raw", n=[2, 1])
    return node


def test_copied_recipes_write_copies_and_read_copies_of_what_was_copied_too(tmp_path: Path) -> None:
    node = staged(tmp_path)
    renamed = copying.copy(node, KEY, ["copy_it", "sort_it"], author="ann")
    assert renamed == {
        "copied": "copied_copy", "sorted": "sorted_copy", "copy_it": "copy_it_copy", "sort_it": "sort_it_copy",
    }  # fmt: skip
    loaded = node.projects.load(KEY)
    assert (loaded.recipe("copy_it_copy").reads, loaded.recipe("copy_it_copy").writes) == (
        ("raw",),
        ("copied_copy",),
    )
    assert loaded.recipe("sort_it_copy").reads == ("copied_copy",)
    build(node, "sorted_copy")
    assert rows(node, "sorted_copy") == [{"n": 1}, {"n": 2}]


def test_a_copy_lies_in_the_zone_of_its_original_and_takes_a_free_name(tmp_path: Path) -> None:
    node = staged(tmp_path)
    zones.move(node, KEY, ["sorted"], "Z", author="ann", new=True)
    copying.copy(node, KEY, ["sort_it"], author="ann", ending="_b")
    copying.copy(node, KEY, ["sort_it"], author="ann", ending="_b")
    assert zones.graph(node, KEY, "Z").items == ("sorted", "sorted_b", "sorted_b_2")
    assert "sort_it_b_2" in node.projects.load(KEY).recipes


def test_code_of_a_recipe_is_copied_with_it(tmp_path: Path) -> None:
    node = staged(tmp_path)
    a_project(
        node,
        {"datasets/more": {"type": "managed"}, "recipes/add": ADD},
    )  # fmt: skip
    copying.copy(node, KEY, ["add"], author="ann")
    build(node, "more_copy")
    assert sorted(r["n"] for r in rows(node, "more_copy")) == [2, 3]


def test_a_folder_gets_an_id_of_its_own(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"folders/inbox": '{"id": "abcd1234"}'})
    copying.copy(node, KEY, ["inbox"], author="ann")
    assert node.projects.load(KEY).folder("inbox_copy").id != "abcd1234"


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="copied"):
        copying.copy(staged(tmp_path), KEY, ["copyed"], author="ann")


def test_the_copy_of_a_recipe_may_read_another_dataset(tmp_path: Path) -> None:
    node = staged(tmp_path)
    a_project(node, {"datasets/later": {"type": "managed"}})
    renamed = copying.copy(node, KEY, ["copy_it"], author="ann", ending="_q2", input="later")
    assert renamed == {"copied": "copied_q2", "copy_it": "copy_it_q2"}
    made = node.projects.load(KEY).recipe("copy_it_q2")
    assert (made.reads, made.writes) == (("later",), ("copied_q2",))
    with pytest.raises(NotFound):
        copying.copy(node, KEY, ["copy_it"], author="ann", input="latr")
    with pytest.raises(Refused, match="one recipe that reads one dataset"):
        copying.copy(node, KEY, ["copy_it", "sort_it"], author="ann", input="later")
