"""Long work is foretold in its log; what earlier work took tells the machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.core import cost
from penstock.core.dataset import Snapshot
from penstock.core.job import Activity, ActivityState, BuildRecord
from penstock.core.node import Node
from penstock.core.schema import Column
from penstock.runtime import foretelling, keeping, logs
from penstock.testing import KEY, a_node, a_project, build, fill

MANY = 300_000_000


@pytest.fixture
def node(tmp_path: Path) -> Node:
    found = a_node(tmp_path)
    a_project(
        found,
        {
            "datasets/raw": {"type": "managed"},
            "datasets/out": {"type": "managed"},
            "recipes/copy": {"type": "sync", "input": "raw", "output": "out"},
        },
    )
    fill(found, "raw", n=[1])
    return found


def claimed(node: Node, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Snapshots that say to hold so many rows of twenty columns."""
    columns = tuple(Column(name=f"c{i}") for i in range(20))

    def large(node: Node, project: object, name: str) -> Snapshot:
        return Snapshot(
            id="x", rows=rows, bytes=1, files=1, columns=columns, fingerprint="", written_at=node.clock.now()
        )

    monkeypatch.setattr(keeping, "seen", large)


def said(node: Node) -> str:
    return foretelling.before(node, node.projects.load(KEY), "copy")


def test_short_work_is_not_spoken_of(node: Node) -> None:
    job = build(node, "out")
    assert said(node) == ""
    assert "rows ×" not in logs.read(node, job.id)


def test_long_work_is_foretold_in_the_log(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed(node, monkeypatch, MANY)
    job = build(node, "out")
    assert "300,000,000 rows × 20 columns: about 3 minutes and 2.5 GB." in logs.read(node, job.id, "copy")


def test_a_slow_machine_is_told_by_what_work_took(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed(node, monkeypatch, MANY)
    foretold = cost.estimate("sync", MANY, 20).seconds
    job, now = node.runs.job(build(node, "out").id), node.clock.now()
    late = now + timedelta(seconds=3 * foretold)
    slow = Activity(
        job="slow", recipe="copy", position=0, outputs=("out",), reason="", state=ActivityState.DONE,
        started_at=now, ended_at=late,
    )  # fmt: skip
    node.runs.add_job(replace(job, id="slow"), [slow])
    node.runs.save_build_records([
        BuildRecord(
            project=KEY, item="out", recipe="copy", recipe_fingerprint="", input_states={}, state="", job="slow",
            built_at=late, success=True,
        )
    ])  # fmt: skip
    assert f"about {3 * foretold / 60:.0f} minutes" in said(node)


def test_a_source_nobody_counted_is_not_foretold(node: Node) -> None:
    a_project(
        node,
        {
            "datasets/typed": {"type": "inline", "rows": [{"n": 1}]},
            "recipes/copy": {"type": "sync", "input": "typed", "output": "out"},
        },
    )
    assert said(node) == ""
