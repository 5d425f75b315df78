"""Which scenario files a ticker looks at again, and when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.runtime import schedule
from penstock.testing import KEY, a_node, a_project

WEEKLY = "active: true\ntriggers:\n  - {type: time, name: Weekly, every: 1 week}\n"


def a_node_with_a_weekly_scenario(folder: Path) -> Node:
    node = a_node(folder)
    a_project(node)
    node.projects.save(KEY, {"scenarios/s.yaml": WEEKLY}, author="ann", message="Write a scenario")
    return node


def test_a_file_edited_in_place_is_noticed_and_what_did_not_change_is_not_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, files, synced = a_node_with_a_weekly_scenario(tmp_path), schedule.Files(), []
    monkeypatch.setattr(schedule, "sync", lambda node, project, now: synced.append(project.key))
    monkeypatch.setattr(schedule, "SETTLED", -(10**18))

    def minute_passes() -> list[str]:
        synced.clear()
        files.files_seen_at -= schedule.EVERY_FILE
        files.sync(node, node.clock.now())
        return list(synced)

    assert minute_passes() == [KEY]
    assert minute_passes() == []
    file = node.projects.path(KEY) / "scenarios/s.yaml"
    with file.open("a") as edited:  # in place: the time stamp of the folder stays as it is
        edited.write("# changed\n")
    assert minute_passes() == [KEY]
    assert minute_passes() == []


def test_a_clock_that_leaps_has_every_row_compared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, files, synced = a_node_with_a_weekly_scenario(tmp_path), schedule.Files(), []
    monkeypatch.setattr(schedule, "sync", lambda node, project, now: synced.append(project.key))
    monkeypatch.setattr(schedule, "SETTLED", -(10**18))
    for ahead, times in ((0, 1), (0, 1), (60, 2), (60, 2), (-60, 3)):
        files.sync(node, node.clock.now() + timedelta(seconds=ahead))
        assert len(synced) == times
    files.rows_seen_at -= schedule.EVERY_ROW
    files.sync(node, node.clock.now() - timedelta(seconds=60))
    assert len(synced) == 4
