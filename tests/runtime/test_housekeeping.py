from __future__ import annotations

import os
from pathlib import Path

from penstock.runtime import housekeeping, jobs, logs

from .stage import a_node, a_project, do


def test_logs_beyond_the_settings_go_and_their_jobs_stay_listed(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}), logs_kept=1)
    old, new = (jobs.build(node, "P", ["a"], "only") for _ in range(2))
    assert logs.read(node, old.id) != ""
    assert housekeeping.tidy(node) == 1
    assert logs.read(node, old.id) == ""
    assert logs.read(node, new.id) != ""
    assert len(jobs.history(node, "P")) == 2


def test_it_happens_once_a_day(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}), logs_kept=1)
    for _ in range(3):
        jobs.build(node, "P", ["a"], "only")
    mark = node.config.home / "run" / "tidied"
    assert housekeeping.when_due(node) == 0
    os.utime(mark, (1, 1))
    assert housekeeping.when_due(node) == 2


def test_private_folders_of_the_dead_go_after_a_day(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}))
    old, fresh = (node.config.home / "work" / name for name in ("read-1-old", "read-1-fresh"))
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    os.utime(old, (1, 1))
    housekeeping.tidy(node)
    assert (old.exists(), fresh.exists()) == (False, True)
