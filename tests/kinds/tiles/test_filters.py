from __future__ import annotations

from penstock.core.page_filters import Chosen
from penstock.core.tile import Panel
from penstock.runtime import dashboards
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world

PANEL = {
    "type": "filters",
    "dataset": "flights",
    "columns": ["carrier", {"column": "distance", "high": "300"}],
}


def panel(node, filters: str = "") -> Panel:
    page = dashboards.show(node, KEY, "page", filters=filters)
    (found,) = page.tiles[0].content.parts
    assert isinstance(found, Panel)
    return found


def test_a_panel_offers_what_the_other_filters_leave(tmp_path):
    node = a_world(tmp_path)
    dashboards.save(node, KEY, "page", {"pages": [{"tiles": [PANEL]}]}, author="ann")
    carrier, distance = panel(node).choices
    assert carrier.values == ("UA",)
    assert (distance.sort, distance.high, distance.values) == ("range", "300", ("100", "600"))
    carrier, _ = panel(node, "distance:OFF").choices
    assert carrier.values == ("UA", "AA", "")


def test_what_a_panel_chooses_by_itself_gives_way_to_the_address(tmp_path):
    tile = dashboards.as_tile(
        {**PANEL, "columns": [{"column": "carrier", "values": ["UA", ""], "exclude": True}]}
    )
    assert tile.defaults() == [Chosen("carrier", "not_in", ("UA", None))]
    node = a_world(tmp_path)
    dashboards.save(node, KEY, "page", {"pages": [{"tiles": [tile.to_mapping()]}]}, author="ann")
    (choice,) = panel(node, 'carrier:in("AA")').choices
    assert (choice.chosen, choice.excluded) == (("AA",), False)
