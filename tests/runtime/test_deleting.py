"""Deleting objects of a Flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import BeingBuilt, NotFound, Refused
from penstock.core.node import Node
from penstock.runtime import deleting, zones
from penstock.testing import KEY, a_node, a_project, build, fill


def staged(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(
        node,
        {
            "datasets/raw": {"type": "managed"},
            "datasets/copied": {"type": "managed"},
            "datasets/sorted": {"type": "managed"},
            "recipes/copy_it": {"type": "sync", "input": "raw", "output": "copied"},
            "recipes/sort_it": {
                "type": "sort",
                "input": "copied",
                "output": "sorted",
                "order": [{"column": "n"}],
            },
        },
    )
    fill(node, "raw", n=[2, 1])
    build(node, "sorted")
    return node


def test_the_impact_tells_recipes_that_go_too_and_items_that_nothing_makes_any_more(tmp_path: Path) -> None:
    found = deleting.impact(staged(tmp_path), KEY, ["copied"])
    assert found.items == ("copied",)
    assert set(found.recipes) == {"copy_it", "sort_it"}
    assert found.left_alone == ("sorted",)
    assert found.with_data == ("copied",)
    assert found.named_by == ()


def test_objects_go_with_their_recipes_data_and_place_in_a_zone_as_one_commit(tmp_path: Path) -> None:
    node = staged(tmp_path)
    zones.move(node, KEY, ["copied"], "Z", author="ann", new=True)
    before = len(node.projects.history(KEY))
    deleting.delete(node, KEY, ["copied"], author="ann")
    loaded = node.projects.load(KEY)
    assert (list(loaded.datasets), list(loaded.recipes)) == (["raw", "sorted"], [])
    assert loaded.zones.zones["Z"].items == ()
    assert node.data.snapshot(KEY, "copied") is None
    assert node.runs.build_record(KEY, "copied") is None
    assert node.projects.history(KEY)[0].author.startswith("ann")
    assert len(node.projects.history(KEY)) == before + 1


def test_data_may_be_kept(tmp_path: Path) -> None:
    node = staged(tmp_path)
    deleting.delete(node, KEY, ["sorted"], author="ann", data=False)
    assert node.data.snapshot(KEY, "sorted") is not None


def test_what_a_scenario_names_is_not_deleted(tmp_path: Path) -> None:
    node = staged(tmp_path)
    node.projects.save(
        KEY, {"scenarios/nightly.yaml": "steps: [{type: build, name: B, items: [sorted]}]\n"}, author="ann",
        message="x",
    )  # fmt: skip
    assert deleting.impact(node, KEY, ["sorted"]).named_by == ("Scenario nightly names sorted.",)
    with pytest.raises(Refused, match="nightly"):
        deleting.delete(node, KEY, ["sorted"], author="ann")
    assert "sorted" in node.projects.load(KEY).datasets


def test_a_folder_that_a_dataset_is_read_from_stays_unless_the_dataset_goes_too(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(
        node,
        {
            "folders/inbox": "{}",
            "datasets/files": {"type": "files", "folder": "inbox", "format": {"type": "csv"}},
        },
    )
    assert deleting.impact(node, KEY, ["inbox"]).named_by == ("Dataset files is read from inbox.",)
    deleting.delete(node, KEY, ["inbox", "files"], author="ann")
    assert node.projects.load(KEY).items == {}


def test_what_is_being_built_is_not_deleted(tmp_path: Path) -> None:
    node = staged(tmp_path)
    node.runs.claim(KEY, ["sorted"], "job_1")
    with pytest.raises(BeingBuilt, match="job_1"):
        deleting.delete(node, KEY, ["sorted"], author="ann")


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="sorted"):
        deleting.impact(staged(tmp_path), KEY, ["sortet"])
