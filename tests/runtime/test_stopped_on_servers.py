"""What is aborted here ends on the server, too: no query goes on for nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from penstock.core.errors import Aborted
from penstock.core.job import JobState
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.runtime import connections, jobs, scenarios
from penstock.testing import a_project, fill, rows

from .acts import KEY, a_scenario, a_stage, named, run, steps

HOURS = "SELECT sum(a.n * b.n * c.n * d.n) AS n FROM numbers AS a, numbers AS b, numbers AS c, numbers AS d"
IN_DATABASE = {"type": "managed", "connection": "warehouse"}
TABLE = "of_numbers"
RUNNING = {
    "postgres": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = current_database() "
    "AND pid <> pg_backend_pid() AND (query LIKE '%sum(a.n%' OR query LIKE 'FETCH %')",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE command = 'Query' AND db = database() "
    "AND id <> connection_id() AND info LIKE '%sum(a.n%'",
}


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture
def running(request: pytest.FixtureRequest, server: Any) -> Callable[[], int]:
    """How many of our long queries the server works at."""
    asked = RUNNING[request.node.callspec.params["server"]]
    return lambda: int(server.run(asked)[0][0])


@pytest.fixture
def node(server: Any, tmp_path: Any) -> Node:
    """`few`, made of `numbers` by a query that takes hours; it holds one row of before."""
    made = a_stage(
        tmp_path, {"datasets/numbers": {**IN_DATABASE, "table": TABLE}, "datasets/few": IN_DATABASE}
    )
    connections.define(made, "warehouse", server.settings)
    fill(made, "numbers", n=list(range(1000)))
    fill(made, "few", n=[7])
    return made


def wait_until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


SQL = {"type": "sql", "inputs": ["numbers"], "output": "few", "body": HOURS}
FETCHED = {"type": "sync", "input": "asked", "output": "few", "engine": "local"}


@pytest.mark.requirement("A36")
@pytest.mark.parametrize("recipe", [SQL, FETCHED], ids=["computed there", "fetched from there"])
def test_an_aborted_recipe_ends_its_query_and_leaves_the_old_rows(
    node: Node, running: Callable[[], int], recipe: dict[str, Any]
) -> None:
    there = HOURS.replace("numbers", TABLE)
    asked = {"type": "sql_query", "connection": "warehouse", "query": there}
    a_project(node, {"datasets/asked": asked, "recipes/make": recipe})
    started = jobs.start(node, KEY, ["few"], "only")
    wait_until(running)
    assert jobs.abort(node, started.job.id)
    with pytest.raises(Aborted):
        started.wait()
    assert node.runs.job(started.job.id).state is JobState.ABORTED
    wait_until(lambda: not running())
    assert rows(node, "few") == [{"n": 7}]


@pytest.mark.requirement("A73")
def test_an_aborted_sql_step_ends_its_query(node: Node, running: Callable[[], int]) -> None:
    a_scenario(node, "s", named("asked", {"type": "sql", "connection": "warehouse", "query": HOURS}))
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(run, node, "s")
        try:
            wait_until(running)
        finally:
            scenarios.abort_current(node, KEY, "s")
        done = going.result(30)
    assert done.outcome is Outcome.ABORTED
    wait_until(lambda: not running())


def test_a_sql_step_that_takes_too_long_ends_its_query(node: Node, running: Callable[[], int]) -> None:
    slow = {"type": "sql", "connection": "warehouse", "query": HOURS, "timeout": 1}
    a_scenario(node, "s", named("asked", slow))
    done = run(node, "s")
    assert "timed out after 1 seconds" in steps(node, done)["asked"].message
    wait_until(lambda: not running())
