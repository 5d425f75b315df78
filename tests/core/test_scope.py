from __future__ import annotations

from dataclasses import replace

import pytest

from penstock.core.errors import NotFound
from penstock.core.flow import Flow
from penstock.core.job import BuildMode
from penstock.core.scope import Request, barrier, rebuild_of, scope, targets_of

from .shapes import External, Managed, a_flow_project, a_folder, a_recipe, mission


def test_people_name_items_recipes_zones_or_everything() -> None:
    flow = Flow.of(mission(zones={"Z": ["test_scored"]}))
    assert targets_of(flow, ["mes"]) == ("mes",)
    assert targets_of(flow, ["score", "mes"]) == ("test_scored", "mes")
    assert targets_of(flow, ["zone:Z"]) == ("test_scored",)
    assert targets_of(flow, ["*"]) == ("mes",)
    with pytest.raises(NotFound, match="Did you mean test_scored"):
        targets_of(flow, ["test_score"])


def test_an_end_that_is_explicit_is_not_among_everything() -> None:
    recipes = {"train": a_recipe("history", "m"), "copy": a_recipe("history", "b")}
    project = a_flow_project(recipes, models={"m": mission().models["authorized"]})
    assert targets_of(Flow.of(project), ["*"]) == ("b",)
    assert targets_of(Flow.of(project), ["m"]) == ("m",)


def test_models_are_barriers_and_stores_are_not() -> None:
    flow = Flow.of(mission())
    assert barrier(flow, "authorized").startswith("explicit")
    assert barrier(flow, "mes") == ""
    assert rebuild_of(flow, "test_scored") == "normal"


def test_the_sibling_of_a_protected_output_is_never_reached() -> None:
    project = a_flow_project(
        {"split": a_recipe("raw", "left right"), "next": a_recipe("left", "end")},
        datasets={"right": Managed(rebuild="write_protected")},
    )
    reached = scope(Flow.of(project), Request(targets=("end",), mode=BuildMode.ALL_UPSTREAM))
    assert reached.recipes == ("next",)
    assert reached.left[0].why == "write-protected: right is never rebuilt"


def test_the_zones_of_all_targets_are_open() -> None:
    chain = a_flow_project(
        {"one": a_recipe("s", "a"), "two": a_recipe("a", "b"), "three": a_recipe("b", "c")},
        zones={"X": ["b"], "Y": ["c"]},
    )
    flow = Flow.of(chain)
    request = Request(targets=("c",), mode=BuildMode.REQUIRED, stop_at_zone=True)
    assert scope(flow, request).recipes == ("three",)
    assert scope(flow, replace(request, targets=("b", "c"))).recipes == ("two", "three")


def test_downstream_stops_at_the_zone_too() -> None:
    chain = a_flow_project({"one": a_recipe("s", "a"), "two": a_recipe("a", "b")}, zones={"X": ["s", "a"]})
    request = Request(targets=("s",), mode=BuildMode.DOWNSTREAM, stop_at_zone=True)
    assert scope(Flow.of(chain), request).recipes == ("one",)


def test_a_dataset_over_a_built_folder_leads_to_its_recipe() -> None:
    project = a_flow_project(
        {"fill": a_recipe("raw", "inbox")},
        folders={"inbox": a_folder()},
        datasets={"batch": External(folder="inbox")},
    )
    request = Request(targets=("batch",), mode=BuildMode.REQUIRED)
    assert scope(Flow.of(project), request).recipes == ("fill",)
    assert scope(Flow.of(project), request).left == ()
