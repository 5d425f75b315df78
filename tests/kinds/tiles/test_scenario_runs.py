from __future__ import annotations

import pytest

from penstock.core.tile import Runs
from penstock.runtime import scenarios
from penstock.testing import KEY
from tests.kinds.tiles.shown import a_world, part, told

RUNS = {"type": "scenario_runs", "scenario": "retrain"}


@pytest.mark.requirement("A94")
def test_the_last_runs_stand_newest_first(tmp_path):
    node = a_world(tmp_path)
    ids = [scenarios.run_and_wait(node, KEY, "retrain").id for _ in range(2)]
    found = part(node, RUNS)
    assert isinstance(found, Runs)
    assert [(r.id, r.state) for r in found.runs] == [(ids[1], "SUCCESS"), (ids[0], "SUCCESS")]
    assert found.average_seconds is not None
    assert part(node, {**RUNS, "show": "strip", "last": 1}).form == "strip"


def test_a_scenario_that_never_ran_says_so(tmp_path):
    node = a_world(tmp_path)
    assert "has not run yet" in told(node, RUNS).says
    assert "last 7 days" in told(node, {**RUNS, "range": "7 days"}).says
