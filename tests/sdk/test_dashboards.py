"""Dashboards from Python: on this machine, and over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Invalid, NotFound
from tests.cli.bank import Bank


def test_a_dashboard_is_made_published_to_and_looked_at(own: Bank) -> None:
    project = own.project
    team = project.create_dashboard("Our team")
    placed = team.publish("dataset", "scored", settings={"rows": 3})
    team.add({"type": "text", "markdown": "Hello **there**"})
    team.copy_tile(placed.key)
    page = team.page()
    assert [tile.tile.kind_name() for tile in page.tiles] == ["table", "text", "table"]
    assert len(page.tiles[0].content.parts[0].rows) == 3
    assert [d.name for d in project.dashboards()] == ["our_team"]
    assert len(team.definition().pages[0].tiles) == 3


def test_a_dashboard_is_changed_promoted_and_removed(own: Bank) -> None:
    team = own.project.create_dashboard("Our team")
    team.save({"title": "Better", "pages": [{"tiles": [{"type": "text", "markdown": "x"}]}]})
    team.promote()
    found = team.definition()
    assert (found.title, found.promoted, found.pages[0].tiles[0].id != "") == ("Better", True, True)
    team.delete()
    with pytest.raises(NotFound):
        own.project.dashboard("our_team")


def test_a_dashboard_is_put_on_paper(own: Bank, tmp_path: Path) -> None:
    own.project.dashboard().publish("dataset", "scored")
    written = own.project.dashboard().export(tmp_path / "d.pdf")
    assert written.read_bytes().startswith(b"%PDF")
    picture = own.project.dashboard().export(tmp_path / "d.png", paper="400x300")
    assert picture.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(Invalid):
        own.project.dashboard().export(tmp_path / "d.gif")
