"""Tiles about verdicts: checks, data_quality."""

from __future__ import annotations

from penstock.core.outcome import Verdict
from penstock.core.tile import Figure, Plot, Verdicts
from penstock.runtime import checks
from penstock.testing import KEY, a_project
from tests.kinds.tiles.shown import a_world, part, told

RULES = [
    {"type": "record_count_in_range", "minimum": 1},
    {"type": "column_not_empty", "column": "carrier"},
]


def test_every_check_stands_with_what_it_said_last(tmp_path):
    node = a_world(tmp_path)
    tile = {"type": "checks", "item": "mes"}
    assert [c.verdict for c in part(node, tile).checks] == [None]
    checks.run(node, KEY, "mes")
    found = part(node, tile)
    assert isinstance(found, Verdicts)
    assert (found.checks[0].name, found.checks[0].verdict, found.overall) == (
        "Drift",
        Verdict.WARNING,
        Verdict.WARNING,
    )
    assert "no check" in told(node, {"type": "checks", "item": "late"}).says


def test_data_quality_is_the_worst_of_what_is_demanded(tmp_path):
    node = a_world(tmp_path)
    tile = {"type": "data_quality"}
    assert "Nothing is demanded" in told(node, tile).says
    a_project(node, {"datasets/flights": {"type": "managed", "rules": RULES}})
    assert "was computed yet" in told(node, tile).says
    checks.run(node, KEY, "flights")
    figure = part(node, tile)
    assert isinstance(figure, Figure)
    assert figure.verdict is Verdict.ERROR
    assert figure.says == "1 ERROR, 1 OK"
    bars = part(node, {**tile, "dataset": "flights", "show": "breakdown"})
    assert isinstance(bars, Plot)
    assert [r["verdict"] for r in bars.rows] == ["ERROR", "OK"]
    assert len(part(node, {**tile, "show": "rules"}).checks) == 2
