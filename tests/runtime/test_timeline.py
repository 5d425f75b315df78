"""Timeline: saves, jobs and runs in one list."""

from __future__ import annotations

from pathlib import Path

from penstock.runtime import scenarios, timeline
from penstock.testing import a_node, a_project, build


def test_saves_jobs_and_runs_stand_in_one_list_newest_first(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {
        "datasets/raw": {"type": "inline", "rows": [{"x": 1}]},
        "datasets/copy": {"type": "managed"},
        "recipes/sync": {"type": "sync", "input": "raw", "output": "copy"},
    })  # fmt: skip
    node.projects.save(
        "DEMO", {"scenarios/nightly.yaml": "steps: []\n"}, author="ann", message="Nightly\n\nwhy"
    )
    build(node, "copy", initiator="bob")
    scenarios.run_and_wait(node, "DEMO", "nightly", by="eve")
    moments = timeline.show(node, "DEMO")
    assert [m.sort for m in moments[:3]] == ["run", "job", "save"]
    assert (moments[0].title, moments[0].state, moments[0].by) == ("nightly", "SUCCESS", "eve")
    assert (moments[1].title, moments[1].state, moments[1].by) == ("Build copy", "DONE", "bob")
    assert moments[2].title == "Nightly"
    assert [m.at for m in moments] == sorted((m.at for m in moments), reverse=True)


def test_no_more_are_told_than_asked_for(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    assert len(timeline.show(node, "DEMO", limit=1)) == 1
