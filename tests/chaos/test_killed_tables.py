"""A process killed with SIGKILL while it writes to PostgreSQL: old rows or new ones, and nothing is left over."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import connections, keeping
from penstock.testing import a_node, a_project, build, fill, rows
from tests.chaos.table_victim import MOMENTS
from tests.servers import Postgres

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.chaos
THERE = {"type": "managed", "connection": "warehouse"}
SLOW = "SELECT n, pg_sleep(CASE WHEN n = 2 THEN 600 ELSE 0 END)::text AS waited FROM copied"


@pytest.fixture
def node(tmp_path: Path, postgres: Postgres) -> Node:
    """`raw`, in a file, copied to a database and computed with there; built once, and the input is new since."""
    made = a_node(tmp_path)
    connections.define(made, "warehouse", postgres.settings)
    a_project(made, {
        "datasets/raw": {"type": "managed"}, "datasets/copied": THERE, "datasets/slow": THERE,
        "recipes/copy": {"type": "sync", "input": "raw", "output": "copied"},
        "recipes/wait": {"type": "sql", "inputs": ["copied"], "output": "slow", "body": SLOW},
    })  # fmt: skip
    fill(made, "raw", n=[1])
    build(made, "slow")
    fill(made, "raw", n=[2])
    return made


@contextmanager
def killed(tmp_path: Path, moment: str, target: str = "copied") -> Iterator[None]:
    command = [sys.executable, "-m", "tests.chaos.table_victim", str(tmp_path), moment, target]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "writing\n"
        yield
        victim.kill()
        victim.wait()


def tables(postgres: Postgres) -> set[str]:
    found = postgres.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name for (name,) in found} - {"penstock_tables"}


def wait_until_swept(node: Node, postgres: Postgres) -> None:
    deadline = time.monotonic() + 30
    while any("__" in name for name in tables(postgres)) or keeping.sweep(node):
        assert time.monotonic() < deadline, "something is left"
        time.sleep(0.05)


@pytest.mark.requirement("A12")
@pytest.mark.parametrize("moment", [m for m in MOMENTS if m != "computing"])
def test_readers_see_old_rows_or_new_ones_and_the_next_build_completes(
    node: Node, tmp_path: Path, postgres: Postgres, moment: str
) -> None:
    with killed(tmp_path, moment):
        pass
    assert rows(node, "copied") in ([{"n": 1}], [{"n": 2}])
    build(node, "copied")
    assert rows(node, "copied") == [{"n": 2}]
    wait_until_swept(node, postgres)
    assert tables(postgres) == {"DEMO_copied", "DEMO_slow"}


def test_a_statement_whose_client_was_killed_leaves_nothing_behind(
    node: Node, tmp_path: Path, postgres: Postgres
) -> None:
    running = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE TABLE%pg_sleep%' AND state = 'active'"
    )
    with killed(tmp_path, "computing", "slow"):
        deadline = time.monotonic() + 60
        while postgres.run(running) != [(1,)]:
            assert time.monotonic() < deadline, "it never began"
            time.sleep(0.05)
    assert [r["n"] for r in rows(node, "slow")] == [1]
    fill(node, "raw", n=[3])
    build(node, "slow")
    assert [r["n"] for r in rows(node, "slow")] == [3]
    wait_until_swept(node, postgres)
    assert tables(postgres) == {"DEMO_copied", "DEMO_slow"}
