"""What every keeper of jobs keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import NotFound
from penstock.core.job import Activity, ActivityState, BuildMode, BuildRecord, Job, JobState
from penstock.core.ports import Runs
from penstock.store.database import Database
from penstock.store.runs import SqlRuns

from .stores import NOON, at


@pytest.fixture
def runs(database: Database, tmp_path: Path) -> Runs:
    return SqlRuns(database, tmp_path / "logs")


def a_job(id: str = "j1", **fields: Any) -> Job:
    usual = {"project": "P", "mode": BuildMode.REQUIRED, "targets": ("a", "b"), "initiator": "eva"}
    return Job(id=id, **{**usual, "created_at": NOON, **fields})


def an_activity(recipe: str = "r", **fields: Any) -> Activity:
    return Activity(
        **{"job": "j1", "recipe": recipe, "position": 0, "outputs": ("o",), "reason": "new", **fields}
    )


def a_record(item: str = "a", **fields: Any) -> BuildRecord:
    usual = {
        "project": "P", "item": item, "recipe": "r", "recipe_fingerprint": "f", "input_states": {"x": "1"},
        "state": "s", "job": "j1", "built_at": NOON, "success": True, "parts": {"settings": "abc"},
    }  # fmt: skip
    return BuildRecord(**{**usual, **fields})


def test_a_job_comes_back_as_it_was_with_its_activities_in_order(runs: Runs) -> None:
    job = a_job(options={"stop_at_zone": "z"}, owner="host:1:2", started_at=at(7), origin="scenario")
    activities = [an_activity("second", position=1), an_activity("first", warnings=("w",))]
    runs.add_job(job, activities)
    assert runs.job("j1") == job
    assert runs.activities("j1") == activities[::-1]


def test_an_unknown_job_is_not_found(runs: Runs) -> None:
    for ask in (lambda: runs.job("x"), lambda: runs.update_job(a_job("x")), lambda: runs.log_path("x")):
        with pytest.raises(NotFound):
            ask()


def test_updates_replace_what_was_there(runs: Runs) -> None:
    runs.add_job(a_job(), [an_activity()])
    done = a_job(state=JobState.DONE, ended_at=at(5), warnings=2)
    runs.update_job(done)
    runs.save_activity(an_activity(state=ActivityState.WARNING))
    runs.save_activity(an_activity("late"))
    assert runs.job("j1") == done
    assert [a.state for a in runs.activities("j1")] == [ActivityState.NOT_STARTED, ActivityState.WARNING]


def test_jobs_are_listed_newest_first_by_project_and_state(runs: Runs) -> None:
    for n in range(4):
        state = JobState.DONE if n % 2 else JobState.FAILED
        runs.add_job(a_job(f"j{n}", created_at=at(n), project="Q" if n == 3 else "P", state=state))
    assert [j.id for j in runs.jobs()] == ["j3", "j2", "j1", "j0"]
    assert [j.id for j in runs.jobs("P")] == ["j2", "j1", "j0"]
    assert [j.id for j in runs.jobs("P", state="FAILED")] == ["j2", "j0"]
    assert [j.id for j in runs.jobs(limit=2, offset=1)] == ["j2", "j1"]


def test_a_heartbeat_and_a_request_to_stop_survive_an_update(runs: Runs) -> None:
    runs.add_job(a_job())
    runs.heartbeat("j1", at(9))
    assert runs.request_abort("j1") is True
    runs.update_job(a_job(state=JobState.RUNNING))
    assert runs.job("j1").heartbeat_at == at(9)
    assert runs.abort_requested("j1") is True


def test_a_job_that_ended_cannot_be_asked_to_stop(runs: Runs) -> None:
    runs.add_job(a_job(state=JobState.DONE))
    assert runs.request_abort("j1") is False
    assert runs.abort_requested("j1") is False


def test_items_are_claimed_all_or_none_and_the_blocking_job_is_named(runs: Runs) -> None:
    for id in ("j1", "j2"):
        runs.add_job(a_job(id))
    assert runs.claim("P", ["a", "b"], "j1") == {}
    assert runs.claim("P", ["a", "b"], "j1") == {}
    assert runs.claim("P", ["b", "c"], "j2") == {"b": "j1"}
    assert runs.claim("Q", ["a"], "j2") == {}
    runs.release("j1")
    assert runs.claim("P", ["b", "c"], "j2") == {}


def test_a_job_that_ended_without_releasing_blocks_nobody(runs: Runs) -> None:
    for id in ("j1", "j2"):
        runs.add_job(a_job(id))
    runs.claim("P", ["a"], "j1")
    assert (runs.held("P"), runs.held("Q")) == ({"a": "j1"}, {})
    runs.update_job(a_job(state=JobState.FAILED))
    assert (runs.held("P"), runs.holders()) == ({}, ["j1"])
    assert runs.claim("P", ["a"], "j2") == {}


def test_orphans_are_unfinished_jobs_whose_owner_is_gone(runs: Runs) -> None:
    runs.add_job(a_job("alive", state=JobState.RUNNING, owner="here"))
    runs.add_job(a_job("lost", state=JobState.RUNNING, owner="gone"))
    runs.add_job(a_job("over", state=JobState.DONE, owner="gone"))
    assert [j.id for j in runs.orphans(lambda owner: owner == "here")] == ["lost"]


def test_build_records_are_kept_replaced_and_forgotten(runs: Runs) -> None:
    runs.save_build_records([a_record("a"), a_record("b")])
    runs.save_build_records([a_record("a", success=False)])
    assert runs.build_record("P", "a") == a_record("a", success=False)
    assert runs.build_records("P") == {"a": a_record("a", success=False), "b": a_record("b")}
    runs.forget_build("P", "a")
    assert runs.build_record("P", "a") is None
    assert runs.build_records("Q") == {}


def test_logs_lie_apart_by_project_job_and_recipe(runs: Runs) -> None:
    runs.add_job(a_job())
    own, recipe = runs.log_path("j1"), runs.log_path("j1", "clean")
    recipe.write_text("hello")
    assert own != recipe
    assert own.parent == recipe.parent
    assert recipe.parts[-3:] == ("P", "j1", "clean.log")


def test_old_logs_of_ended_jobs_go_and_the_jobs_stay_listed(database: Database, tmp_path: Path) -> None:
    runs = SqlRuns(database, tmp_path / "logs")
    for n in range(5):
        runs.add_job(a_job(f"j{n}", created_at=NOON - timedelta(days=n), state=JobState.DONE))
    runs.add_job(a_job("running", created_at=NOON - timedelta(days=99), state=JobState.RUNNING))
    paths = {job.id: runs.log_path(job.id) for job in runs.jobs()}
    assert runs.prune_logs(now=NOON, kept=3, days=2) == 2
    assert {id for id, path in paths.items() if path.parent.exists()} == {"j0", "j1", "j2", "running"}
    assert len(runs.jobs()) == 6
    assert runs.prune_logs(now=NOON, kept=1, days=99) == 2


def test_instants_keep_their_milliseconds(runs: Runs) -> None:
    runs.add_job(a_job(created_at=at(123)))
    assert runs.job("j1").created_at == at(123)
    runs.add_job(replace(a_job("old"), created_at=NOON.replace(year=1960, microsecond=7000)))
    assert runs.job("old").created_at == NOON.replace(year=1960, microsecond=7000)


def test_what_a_build_remembers_follows_a_renamed_object_and_goes_with_its_project(runs: Runs) -> None:
    runs.add_job(a_job(), [an_activity()])
    runs.add_job(a_job("j2", project="Q"))
    runs.save_build_records([a_record("a"), a_record("a", project="Q")])
    log = runs.log_path("j1")
    runs.move("P", "a", "better")
    assert runs.build_records("P") == {"better": a_record("better")}
    runs.delete_project("P")
    assert runs.build_records("P") == {}
    assert [job.id for job in runs.jobs()] == ["j2"]
    assert runs.activities("j1") == []
    assert not log.parent.exists()
    assert runs.build_record("Q", "a") is not None
