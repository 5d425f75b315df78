"""Overview: projects at a glance, and no more than one may see."""

from __future__ import annotations

from pathlib import Path

from penstock.core.access import Identity, Permission, Source
from penstock.core.job import JobState
from penstock.core.outcome import Verdict
from penstock.runtime import overview, users
from penstock.testing import a_node, a_project, build

WATCHED = {
    "datasets/raw": {"type": "inline", "rows": [{"x": 1}, {"x": 1}]},
    "datasets/copy": {
        "type": "managed", "rules": [{"type": "column_unique", "column": "x", "name": "Unique", "auto_run": False}],
    },
    "recipes/sync": {"type": "sync", "input": "raw", "output": "copy"},
}  # fmt: skip


def with_rights(*rights: Permission) -> Identity:
    return Identity(login="key:1", source=Source.GLOBAL_KEY, projects={"DEMO": frozenset(rights)})


def test_a_glance_counts_and_tells_the_last_change_and_job(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, WATCHED)
    build(node, "copy")
    seen = overview.glance(node, users.local(node), "DEMO")
    assert (seen.counts["datasets"], seen.counts["recipes"]) == (2, 1)
    assert seen.last_job is JobState.DONE
    assert "ann" in seen.changed_by
    assert seen.worst == ""


def test_the_worst_check_is_the_state_of_the_project(tmp_path: Path) -> None:
    from penstock.runtime import checks

    node = a_node(tmp_path)
    a_project(node, WATCHED)
    build(node, "copy")
    checks.run(node, "DEMO", "copy")
    shown = overview.show(node, users.local(node), "DEMO")
    assert shown.glance.data is Verdict.ERROR
    assert shown.glance.worst == "ERROR"
    assert shown.data.unhealthy[0].check_name == "Unique"


def test_whoever_only_knows_of_a_project_learns_its_name_alone(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, WATCHED)
    (seen,) = overview.glances(node, with_rights(Permission.RUN))
    assert not seen.is_readable
    assert not seen.counts
    assert overview.glances(node, with_rights()) == []
