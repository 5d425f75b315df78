"""The server that holds the state is killed, or cuts every connection, while two workers are at work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import StateAway
from penstock.core.node import Node
from penstock.runtime import asking, scenarios
from penstock.store import again
from penstock.store.database import Database
from penstock.store.runs import SqlRuns

from ..servers import a_postgres, restart
from ..states import penstock_states
from . import kills
from .crew import KEY, Crew, a_home, broken, summary

pytestmark = [pytest.mark.chaos, pytest.mark.slow]
TIMES = kills(2)


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with a_postgres(
        fsync="off"
    ) as started:  # what was committed survives the end of the server, if not of the machine
        penstock_states.prepare(str(started.pgdata))
        yield started


@pytest.fixture
def url(server: Any, request: pytest.FixtureRequest) -> str:
    return penstock_states.make(str(server.pgdata), f"away_{abs(hash(request.node.name))}")


def cut(server: Any) -> None:
    """End every connection of Penstock, wherever it is."""
    words = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'penstock'"
    penstock_states.run(str(server.pgdata), words)


def different(node: Node, run: str, expected: Mapping[str, Any]) -> list[Any]:
    """Steps that came to something else, with what they said."""
    here = summary(node, node.scenario_runs.run(run))["steps"]
    said = {step.label: (step.message, step.attempts) for step in node.scenario_runs.steps(run)}
    return [(step, said[step[0]]) for step in here if step not in expected["steps"]]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("trouble", [restart, cut])
def test_a_run_goes_on_when_the_state_was_away_and_no_step_is_lost_or_run_again(
    tmp_path: Path, server: Any, url: str, trouble: Callable[[Any], None]
) -> None:
    node = a_home(tmp_path, url)
    with Crew(node.config.home).at_work():
        for _ in range(2):
            done = scenarios.wait(node, asking.ask(node, KEY, "ten", by="ann").id, work=False)
        expected = summary(node, done)
        assert done.started_at is not None
        assert done.ended_at is not None
        length = (done.ended_at - done.started_at).total_seconds()
        for n in range(TIMES):
            before = time.time()
            run = asking.ask(node, KEY, "ten", by="ann")
            while not node.scenario_runs.holds():
                node.scenario_runs.workers()
            time.sleep(length * n / TIMES)
            trouble(server)
            run = scenarios.wait(node, run.id, work=False)
            assert broken(node, run, expected, before) == [], (run.message, different(node, run.id, expected))


def test_whoever_asks_while_the_server_is_away_for_good_is_told_in_plain_words(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "PATIENCE", 0.05)
    missing = url.partition("?")[0] + f"?host={tmp_path}"
    with pytest.raises(StateAway, match="does not answer") as raised:
        Database(missing)
    assert "Is the server running?" in str(raised.value)


def test_a_connection_that_was_cut_is_replaced_before_anybody_notices(
    tmp_path: Path, server: Any, url: str
) -> None:
    runs = SqlRuns(Database(url), tmp_path)
    assert runs.claim("P", ["a"], "one") == {}
    for _ in range(3):
        cut(server)
        assert runs.claim("P", ["a"], "two") == {"a": "one"}
