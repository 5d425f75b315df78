"""SIGKILL of workers, of what they started, and of both: as if nothing had happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import kills as daily
from .many import kill_many

pytestmark = [pytest.mark.chaos, pytest.mark.slow]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("state", "kills"), [("sqlite", daily(6)), ("postgresql", daily(4))])
def test_no_step_is_lost_and_none_that_was_finished_is_run_again_whoever_is_killed(
    tmp_path: Path, request: pytest.FixtureRequest, state: str, kills: int
) -> None:
    database = request.getfixturevalue("state_url") if state == "postgresql" else ""
    figures = kill_many(tmp_path, kills=kills, seed=11, database=database)
    assert figures.broken == []
    assert figures.kills.total() == kills
    assert max(figures.waits) < 30
