"""Dashboards: what a file may say, and where tiles really stand."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import dashboard as rules
from penstock.core import registry
from penstock.core.dashboard import Dashboard
from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.grid import Box


def text(**settings: Any) -> dict[str, Any]:
    return {"type": "text", "markdown": "words", **settings}


def a_dashboard(*tiles: dict[str, Any], **settings: Any) -> Dashboard:
    return registry.validate(Dashboard, {"pages": [{"tiles": list(tiles)}], **settings})


def test_a_dashboard_without_anything_has_one_page() -> None:
    assert len(Dashboard().pages) == 1
    assert Dashboard().page_title(1) == "Page 1"


def test_tiles_written_without_a_place_stand_below_each_other() -> None:
    tops = [placed.box.top for placed in a_dashboard(text(), text()).placed(1)]
    assert tops == [0, 8]


def test_a_tile_is_called_by_its_id_or_by_its_place_in_the_file() -> None:
    found = a_dashboard(text(id="about"), text())
    assert [p.key for p in found.placed(1)] == ["about", "2"]
    assert found.find(1, "about").tile.id == "about"
    with pytest.raises(NotFound, match="Did you mean about"):
        found.find(1, "abuot")


@pytest.mark.parametrize(
    ("tile", "said"),
    [
        (text(place={"left": 30, "width": 12}), "36 columns"),
        (text(background="red"), "no colour"),
        (text(link="javascript:alert(1)"), "no address"),
        (text(link="//evil.example"), "no address"),
        (text(id="a b"), "no id"),
        ({"type": "metrik"}, "metric"),
        (text(hight=3), "hight"),
    ],
)
def test_what_a_tile_may_not_say_is_told_by_its_field(tile: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        a_dashboard(tile)


def test_two_tiles_of_one_id_are_refused() -> None:
    with pytest.raises(InvalidDefinition, match="'a'"):
        a_dashboard(text(id="a"), text(id="a"))


def test_a_tidied_dashboard_says_where_its_tiles_really_stand() -> None:
    tidy = rules.tidied(a_dashboard(text(), text(place={"top": 3})))
    assert [t.place.box for t in tidy.pages[0].tiles] == [Box(0, 0, 12, 8), Box(0, 8, 12, 8)]
    assert rules.tidied(tidy) == tidy


def test_auto_stack_moves_tiles_up() -> None:
    stacked = a_dashboard(text(place={"top": 20}), auto_stack=True)
    assert stacked.placed(1)[0].box.top == 0


def test_a_new_tile_goes_where_it_fits() -> None:
    tile = registry.parse("tiles", text())
    grown = rules.with_tile(a_dashboard(text()), tile, size=(12, 8))  # type: ignore[arg-type]
    assert grown.placed(1)[1].box == Box(12, 0, 12, 8)
