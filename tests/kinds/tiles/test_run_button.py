from __future__ import annotations

import pytest

from penstock.core.errors import Invalid
from penstock.core.tile import Button
from penstock.runtime import dashboards, scenarios
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world, part

BUTTON = {"type": "run_button", "scenario": "retrain", "id": "go"}


@pytest.mark.requirement("A97")
def test_pressing_runs_the_scenario_as_it_runs_and_keeps_who_pressed(tmp_path):
    node = a_world(tmp_path)
    dashboards.save(node, KEY, "ops", {"pages": [{"tiles": [BUTTON]}]}, author="ann")
    run = dashboards.press(node, KEY, "ops", "go", by="bob")
    assert (run.asked_by, run.run_as, run.trigger) == ("bob", "ann", "dashboard")
    pressed = dashboards.tile(node, KEY, "ops", "go").content.parts[0]
    assert isinstance(pressed, Button)
    assert pressed.running == run.id
    assert scenarios.abort(node, run.id)


def test_the_button_says_what_it_starts(tmp_path):
    assert part(a_world(tmp_path), BUTTON).says == "Run Retrain it"


def test_another_tile_cannot_be_pressed(tmp_path):
    node = a_world(tmp_path)
    dashboards.save(
        node, KEY, "ops", {"pages": [{"tiles": [{"type": "text", "markdown": "x", "id": "t"}]}]}, author="ann"
    )
    with pytest.raises(Invalid, match="no run button"):
        dashboards.press(node, KEY, "ops", "t", by="bob")
