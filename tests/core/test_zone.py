from __future__ import annotations

from dataclasses import replace

import pytest

from penstock.core import zone
from penstock.core.errors import Conflict, NotFound, Refused
from penstock.core.flow import Flow
from penstock.core.project import Project, Zones

from .shapes import a_flow_project, a_recipe, mission

SPLIT = {"split": a_recipe("raw", "train test"), "clean": a_recipe("train", "cleaned")}


def moved(project: Project, names: list[str], to: str) -> Flow:
    return Flow.of(replace(project, zones=zone.move(Flow.of(project), names, to)))


@pytest.mark.requirement("A08")
def test_a_recipe_and_its_store_move_to_a_new_zone() -> None:
    project = mission()
    project = replace(project, zones=zone.create(project.zones, "Ground Truth Monitoring"))
    flow = moved(project, ["evaluate", "mes"], "Ground Truth Monitoring")
    picture = zone.graph(flow, "Ground Truth Monitoring")
    assert picture.items == ("mes",)
    assert picture.recipes == ("evaluate",)


@pytest.mark.requirement("A09")
def test_moving_an_output_drags_its_recipe_and_siblings_and_leaves_inputs_as_ghosts() -> None:
    flow = moved(a_flow_project(SPLIT, zones={"Z": []}), ["train"], "Z")
    picture = zone.graph(flow, "Z")
    assert set(picture.items) == {"train", "test"}
    assert picture.recipes == ("split",)
    assert picture.ghosts == ("raw",)
    assert zone.zone_of(flow, "raw") == zone.DEFAULT


def test_an_output_added_later_follows_its_siblings() -> None:
    project = a_flow_project({"split": a_recipe("raw", "train test new")}, zones={"Z": ["train", "test"]})
    assert zone.zone_of(Flow.of(project), "new") == "Z"


def test_moving_to_another_zone_leaves_the_first() -> None:
    flow = moved(a_flow_project(SPLIT, zones={"Y": ["train", "test"], "Z": []}), ["split"], "Z")
    assert zone.graph(flow, "Y").items == ()
    assert zone.zone_of(flow, "test") == "Z"


def test_moving_to_the_default_zone_by_its_title() -> None:
    project = a_flow_project(SPLIT, zones={"Z": ["train", "test"]})
    project = replace(project, zones=zone.rename(project.zones, "default", "Everything else"))
    flow = moved(project, ["train"], "Everything else")
    assert zone.zone_of(flow, "split") == zone.DEFAULT


@pytest.mark.requirement("A10")
def test_the_default_zone_is_renamed_but_never_deleted() -> None:
    zones = zone.rename(Zones(), "Default", "Main")
    assert zones.default_title == "Main"
    with pytest.raises(Refused, match="cannot be deleted"):
        zone.delete(zones, "Main")


@pytest.mark.requirement("A10")
def test_deleting_the_last_custom_zone_leaves_a_flow_without_zones() -> None:
    project = a_flow_project(SPLIT, zones={"Z": ["train", "test"]})
    zones = zone.delete(project.zones, "Z")
    assert zones.zones == {}
    flow = Flow.of(replace(project, zones=zones))
    assert {zone.zone_of(flow, i) for i in project.items} == {zone.DEFAULT}


def test_a_taken_name_is_refused() -> None:
    zones = zone.create(Zones(), "Z")
    with pytest.raises(Conflict):
        zone.create(zones, "Z")
    with pytest.raises(Conflict):
        zone.create(zones, "Default")


def test_an_unknown_zone_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="Did you mean Scoring"):
        zone.delete(zone.create(Zones(), "Scoring"), "Scorin")


def test_renaming_keeps_the_order_and_the_items() -> None:
    project = a_flow_project(SPLIT, zones={"A": ["train", "test"], "B": []})
    zones = zone.rename(project.zones, "A", "First")
    assert list(zones.zones) == ["First", "B"]
    assert zones.zones["First"].items == ("train", "test")


def test_sharing_shows_an_item_elsewhere_and_unsharing_takes_it_away() -> None:
    project = a_flow_project(SPLIT, zones={"Z": []})
    flow = Flow.of(replace(project, zones=zone.share(Flow.of(project), "raw", "Z")))
    assert zone.graph(flow, "Z").shared == ("raw",)
    assert zone.unshare(flow, "raw", "Z").zones["Z"].shared == ()


def test_the_terminals_of_a_zone_are_what_nothing_else_in_it_is_made_from() -> None:
    flow = Flow.of(a_flow_project(SPLIT, zones={"Z": ["train", "test"]}))
    assert set(zone.terminals(flow, "Z")) == {"train", "test"}
    assert zone.terminals(flow, "default") == ("cleaned",)
