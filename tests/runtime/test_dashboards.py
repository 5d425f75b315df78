"""Dashboards: made, changed without losing anybody's work, published to, copied, and seen by those who may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import Conflict, InvalidDefinition, NotAllowed, NotFound, SaveConflict
from penstock.core.grid import Box
from penstock.core.node import Node
from penstock.core.tile import Figure, History, Notice, Runs
from penstock.runtime import dashboards, people, projects, scenarios, users
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world

DRIFT = {"type": "metric", "id": "drift", "item": "mes", "metric": "Data Drift"}
WORDS = {"type": "text", "id": "words", "markdown": "Hello"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_world(tmp_path)


def one(*tiles: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {"pages": [{"tiles": list(tiles)}], **settings}


def notice(node: Node, key: str, **more: Any) -> Notice:
    part = dashboards.tile(node, KEY, "d", key, **more).content.parts[0]
    assert isinstance(part, Notice)
    return part


def test_every_project_starts_with_a_default_dashboard_without_a_file(node: Node) -> None:
    assert [d.name for d in dashboards.listing(node, KEY)] == ["default"]
    assert dashboards.opened(node, KEY, "default").base == ""
    assert not (node.projects.path(KEY) / "dashboards").exists()


@pytest.mark.requirement("A94")
def test_the_default_dashboard_gets_the_tiles_of_the_tutorial_and_shows_them_after_reload(node: Node) -> None:
    scenarios.run_and_wait(node, KEY, "retrain")
    drift = dashboards.add(
        node, KEY, "default", {"type": "metric", "item": "mes", "metric": "Data Drift"}, author="ann"
    )
    twin = dashboards.copy_tile(node, KEY, "default", drift.key, author="ann")
    changed = dashboards.opened(node, KEY, "default")
    page = changed.dashboard.pages[0]
    tiles = [t.changed(show="history") if t.id == twin.key else t for t in page.tiles]
    dashboards.save(
        node, KEY, "default", changed.dashboard.changed(pages=(page.changed(tiles=tuple(tiles)),)), author="ann",
        base=changed.base,
    )  # fmt: skip
    dashboards.add(node, KEY, "default", {"type": "scenario_runs", "scenario": "retrain"}, author="ann")
    shown = dashboards.show(node, KEY, "default")
    assert [type(t.content.parts[0]) for t in shown.tiles] == [Figure, History, Runs]
    assert len({t.key for t in shown.tiles}) == 3


def test_saving_gives_ids_and_pushes_tiles_apart(node: Node) -> None:
    saved = dashboards.save(
        node, KEY, "d", one({"type": "text", "markdown": "a"}, WORDS), author="ann"
    ).dashboard
    assert all(t.id for t in saved.pages[0].tiles)
    assert [t.place.box for t in saved.pages[0].tiles] == [Box(0, 0, 12, 8), Box(0, 8, 12, 8)]
    assert "Change dashboard d" in projects.history(node, KEY, "dashboards/d.yaml")[0].message


def test_who_saves_over_somebody_else_is_shown_what_they_did(node: Node) -> None:
    base = dashboards.save(node, KEY, "d", one(WORDS), author="ann").base
    dashboards.save(node, KEY, "d", one(WORDS, title="Theirs"), author="bob", base=base)
    with pytest.raises(SaveConflict, match="Theirs"):
        dashboards.save(node, KEY, "d", one(WORDS, title="Mine"), author="ann", base=base)


def test_the_default_dashboard_is_not_made_twice(node: Node) -> None:
    dashboards.save(node, KEY, "default", one(WORDS), author="ann", base="")
    with pytest.raises(SaveConflict):
        dashboards.save(node, KEY, "default", one(WORDS, title="Late"), author="bob", base="")


def test_a_dashboard_is_called_after_its_title_and_its_author_owns_it(node: Node) -> None:
    name = dashboards.create(node, KEY, "Flights in production!", author="ann")
    assert name == "flights_in_production"
    assert dashboards.definition(node, KEY, name).owner == "ann"
    dashboards.save(node, KEY, name, one(owner="eve"), author="bob")
    assert dashboards.definition(node, KEY, name).owner == "ann"
    with pytest.raises(Conflict):
        dashboards.create(node, KEY, "Flights in production", author="ann")


def test_renaming_and_deleting(node: Node) -> None:
    dashboards.save(node, KEY, "d", one(WORDS), author="ann")
    dashboards.rename(node, KEY, "d", "e", author="ann")
    assert [d.name for d in dashboards.listing(node, KEY)] == ["e"]
    dashboards.delete(node, KEY, "e", author="ann")
    with pytest.raises(NotFound):
        dashboards.definition(node, KEY, "e")


def test_a_broken_dashboard_is_told_with_its_field(node: Node) -> None:
    with pytest.raises(InvalidDefinition, match=r"pages\.0\.tiles\.0"):
        dashboards.save(node, KEY, "d", one({"type": "metric", "item": "mes"}), author="ann")


def test_tiles_follow_an_object_that_is_renamed_and_say_when_it_is_gone(node: Node) -> None:
    runs = {"type": "scenario_runs", "id": "runs", "scenario": "retrain"}
    dashboards.save(node, KEY, "d", one(DRIFT, runs), author="ann")
    projects.rename(node, KEY, "mes", "store", author="ann")
    projects.rename(node, KEY, "retrain", "again", author="ann")
    first, second = dashboards.definition(node, KEY, "d").pages[0].tiles
    assert (first.item, second.scenario) == ("store", "again")  # type: ignore[attr-defined]
    projects.remove(node, KEY, "scenario", "again", author="ann")
    assert notice(node, "runs").reason == "gone"
    assert "'again' is gone" in notice(node, "runs").says


def test_a_tile_is_copied_to_another_page_and_another_dashboard(node: Node) -> None:
    dashboards.save(node, KEY, "d", {"pages": [{"tiles": [DRIFT]}, {}]}, author="ann")
    dashboards.create(node, KEY, "Other", author="ann")
    dashboards.copy_tile(node, KEY, "d", "drift", to_page=2, author="ann")
    dashboards.copy_tile(node, KEY, "d", "drift", to="other", author="ann")
    assert len(dashboards.definition(node, KEY, "d").page(2).tiles) == 1
    assert len(dashboards.definition(node, KEY, "other").page(1).tiles) == 1
    assert len(dashboards.definition(node, KEY, "d").page(1).tiles) == 1


@pytest.mark.requirement("A95")
@pytest.mark.parametrize(
    ("sort", "object", "settings", "type"),
    [
        ("scenario", "retrain", {}, "scenario_runs"), ("dataset", "flights", {}, "table"),
        ("model", "late", {}, "model_report"), ("evaluation_store", "mes", {}, "evaluation"),
        ("evaluation_store", "mes", {"metric": "Data Drift", "show": "history"}, "metric"),
        ("dataset", "flights", {"type": "chart", "by": "carrier"}, "chart"),
    ],
)  # fmt: skip
def test_objects_are_published_to_a_chosen_dashboard(
    node: Node, sort: str, object: str, settings: Any, type: str
) -> None:
    dashboards.create(node, KEY, "Team", author="ann")
    placed = dashboards.publish(node, KEY, sort, object, name="team", settings=settings, author="ann")
    assert placed.tile.kind_name() == type
    assert object in dashboards.tile(node, KEY, "team", placed.key).subjects[0]


def test_what_is_not_there_is_not_published(node: Node) -> None:
    with pytest.raises(NotFound, match="Did you mean retrain"):
        dashboards.publish(node, KEY, "scenario", "retrian", author="ann")


def test_a_changed_object_changes_the_stamp_of_its_tiles_only(node: Node) -> None:
    runs = {"type": "scenario_runs", "id": "runs", "scenario": "retrain"}
    dashboards.save(node, KEY, "d", one(DRIFT, runs, WORDS), author="ann")
    before = dashboards.stamps(node, KEY, "d", 1)
    scenarios.run_and_wait(node, KEY, "retrain")
    after = dashboards.stamps(node, KEY, "d", 1)
    assert [key for key in after if after[key] != before[key]] == ["runs"]


# who may ------------------------------------------------------------------------------------------------------------


def a_reader(node: Node, *rights: str, login: str = "bob") -> Any:
    users.add(node, login)
    people.grant(node, KEY, list(rights), user=login, by="ann")
    return users.identity(node, login)


@pytest.mark.requirement("A96")
def test_a_reader_sees_authorised_objects_and_is_told_why_others_are_empty(node: Node) -> None:
    dashboards.save(node, KEY, "d", one(DRIFT, WORDS), author="ann")
    bob = a_reader(node, "read dashboards")
    assert notice(node, "drift", who=bob).reason == "not allowed"
    assert "not authorised" in notice(node, "drift", who=bob).says
    assert dashboards.unauthorised(node, KEY, "d") == [("evaluation_store", "mes")]
    people.authorise(node, KEY, "evaluation_store", "mes", by="ann")
    assert isinstance(dashboards.tile(node, KEY, "d", "drift", who=bob).content.parts[0], Figure)
    assert dashboards.unauthorised(node, KEY, "d") == []


@pytest.mark.requirement("A96")
def test_a_dashboard_that_is_not_promoted_is_reachable_but_not_listed_for_readers(node: Node) -> None:
    dashboards.save(node, KEY, "d", one(WORDS), author="ann")
    bob = a_reader(node, "read dashboards")
    assert dashboards.listing(node, KEY, who=bob) == []
    assert dashboards.show(node, KEY, "d", who=bob).tiles
    dashboards.promote(node, KEY, "d", author="ann")
    assert [d.name for d in dashboards.listing(node, KEY, who=bob)] == ["d"]


def test_people_change_their_own_dashboards_and_moderators_all(node: Node) -> None:
    bob = a_reader(node, "write dashboards")
    dashboards.create(node, KEY, "Bobs", author="bob", who=bob)
    dashboards.create(node, KEY, "Anns", author="ann")
    dashboards.promote(node, KEY, "bobs", author="bob", who=bob)
    with pytest.raises(NotAllowed, match="belongs to ann"):
        dashboards.save(node, KEY, "anns", one(WORDS), author="bob", who=bob)
    with pytest.raises(NotAllowed):
        dashboards.delete(node, KEY, "anns", author="bob", who=bob)
    cleo = a_reader(node, "moderate dashboards", login="cleo")
    dashboards.save(node, KEY, "anns", one(WORDS), author="cleo", who=cleo)
    dan = a_reader(node, "read dashboards", login="dan")
    with pytest.raises(NotAllowed):
        dashboards.create(node, KEY, "Dans", author="dan", who=dan)


@pytest.mark.requirement("A97")
def test_a_run_button_needs_the_right_to_run_or_an_authorised_scenario(node: Node) -> None:
    dashboards.save(
        node, KEY, "d", one({"type": "run_button", "id": "go", "scenario": "retrain"}), author="ann"
    )
    said = "run_as: ann\n"
    node.projects.save(KEY, {"scenarios/retrain.yaml": said}, author="ann", message="Run as Ann")
    bob = a_reader(node, "read dashboards")
    people.authorise(node, KEY, "scenario", "retrain", ["READ"], by="ann")
    with pytest.raises(NotAllowed):
        dashboards.press(node, KEY, "d", "go", by="bob", who=bob)
    people.authorise(node, KEY, "scenario", "retrain", ["READ", "RUN"], by="ann")
    run = dashboards.press(node, KEY, "d", "go", by="bob", who=bob)
    assert (run.asked_by, run.run_as) == ("bob", "ann")
    scenarios.abort(node, run.id)
