from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Refused
from penstock.core.node import Node
from penstock.runtime import flow, jobs, zones

from .stage import a_node, a_project, do

SPLIT = {"split": do("raw", "train test"), "clean": do("train", "cleaned")}


def staged(tmp_path: Path) -> Node:
    return a_node(tmp_path, a_project(SPLIT))


@pytest.mark.requirement("A08")
def test_a_selection_moves_to_a_new_zone_in_one_commit(tmp_path: Path) -> None:
    node = staged(tmp_path)
    zones.move(node, "P", ["clean", "cleaned"], "Cleaning", author="ann", new=True, color="#ff0000")
    assert node.projects.commits == ["Move clean, cleaned to zone Cleaning"]  # type: ignore[attr-defined]
    picture = zones.graph(node, "P", "Cleaning")
    assert (picture.items, picture.recipes, picture.ghosts) == (("cleaned",), ("clean",), ("train",))


@pytest.mark.requirement("A09")
def test_a_moved_dataset_takes_its_recipe_and_siblings_along(tmp_path: Path) -> None:
    node = staged(tmp_path)
    zones.move(node, "P", ["test"], "Z", author="ann", new=True)
    assert set(zones.graph(node, "P", "Z").items) == {"train", "test"}


@pytest.mark.requirement("A10")
def test_zones_come_and_go_and_the_default_one_stays(tmp_path: Path) -> None:
    node = staged(tmp_path)
    zones.create(node, "P", "Z", author="ann")
    zones.rename(node, "P", "Z", "Y", author="ann")
    zones.recolor(node, "P", "Y", "#00ff00", author="ann")
    zones.move(node, "P", ["raw"], "Y", author="ann")
    with pytest.raises(Refused):
        zones.delete(node, "P", "Default", author="ann")
    zones.delete(node, "P", "Y", author="ann")
    assert [g.name for g in zones.graphs(node, "P")] == ["default"]
    assert "raw" in zones.graph(node, "P", "default").items


def test_sharing_into_a_zone_and_back(tmp_path: Path) -> None:
    node = staged(tmp_path)
    zones.create(node, "P", "Z", author="ann")
    zones.share(node, "P", "raw", "Z", author="ann")
    assert zones.graph(node, "P", "Z").shared == ("raw",)
    zones.unshare(node, "P", "raw", "Z", author="ann")
    assert zones.graph(node, "P", "Z").shared == ()


def test_the_picture_of_a_flow_tells_how_builds_went(tmp_path: Path) -> None:
    node = a_node(
        tmp_path, a_project({"make": do("", "a"), "copy": do("a", "b"), "fail": do("b", "c", "missing")})
    )
    jobs.build(node, "P", ["c"], no_fail=True)
    picture = flow.show(node, "P")
    assert [r.name for r in picture.recipes] == ["make", "copy", "fail"]
    builds = {i.name: i.last_build for i in picture.items}
    assert builds == {"a": "done", "b": "done", "c": "failed"}
    assert picture.problems == ()
    assert flow.upstream(node, "P", "c") == ["a", "b"]
    assert flow.downstream(node, "P", "a") == ["b", "c"]
