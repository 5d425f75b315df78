from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from penstock.core.config import Limits
from penstock.runtime import slots
from penstock.runtime.slots import Queue, Slots

GLOBAL = Queue("activities", 1)


def test_what_is_free_is_taken_and_what_is_not_says_why(tmp_path: Path) -> None:
    first, second, third = (Slots(tmp_path, [GLOBAL]) for _ in range(3))
    assert first.take() == ""
    assert second.take() == "queued: waiting for a global slot (0 ahead)"
    assert third.take() == "queued: waiting for a global slot (1 ahead)"
    first.free()
    assert third.take() == "queued: waiting for a global slot (1 ahead)"
    assert second.take() == ""
    second.free()
    assert third.take() == ""


def test_whoever_stops_waiting_leaves_the_queue(tmp_path: Path) -> None:
    first, second, third = (Slots(tmp_path, [GLOBAL]) for _ in range(3))
    first.take()
    second.take()
    third.take()
    second.free()
    assert third.take() == "queued: waiting for a global slot (0 ahead)"
    first.free()
    assert third.take() == ""


def test_several_limits_are_held_together_or_not_at_all(tmp_path: Path) -> None:
    project = Queue("project/P", 1)
    holder = Slots(tmp_path, [project])
    both = Slots(tmp_path, [Queue("activities", 1), project])
    holder.take()
    assert both.take() == "queued: waiting for a slot of project/P (0 ahead)"
    other = Slots(tmp_path, [Queue("activities", 1)])
    assert other.take() == ""


def test_a_limit_of_two_lets_two_in(tmp_path: Path) -> None:
    three = [Slots(tmp_path, [Queue("activities", 2)]) for _ in range(3)]
    assert [bool(s.take()) for s in three] == [False, False, True]


def test_slots_hold_over_processes_and_die_with_them(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from penstock.runtime.slots import *\n"
        "place = Slots(Path(sys.argv[1]), [Queue('activities', 1)])\n"
        "print(repr(place.take()), flush=True); input()\n"
    )
    mine = Slots(tmp_path, [GLOBAL])
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "''"
        assert "queued" in mine.take()
        other.kill()
        other.wait()
    assert mine.take() == ""


def test_the_queues_of_an_activity_follow_the_limits() -> None:
    limits = Limits(activities=3, keyed={"project/P": 1, "project/Q": 1, "user/ann": 2, "tag/heavy": 1})
    found = slots.of_activity(limits, project="P", user="ann", recipe_type="sync", tags=("heavy", "x"))
    assert [(q.key, q.limit) for q in found] == [
        ("activities", 3), ("project/P", 1), ("user/ann", 2), ("tag/heavy", 1),
    ]  # fmt: skip
    assert slots.of_activity(Limits(activities=0), project="P", user="", recipe_type="x", tags=()) == []


def test_jobs_are_never_more_than_activities() -> None:
    assert slots.of_job(Limits(jobs=0)) == []
    assert slots.of_job(Limits(jobs=9, activities=5)) == [Queue("jobs", 5)]
    assert slots.of_job(Limits(jobs=2, activities=0)) == [Queue("jobs", 2)]
