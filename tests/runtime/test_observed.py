"""What a run observed: checks with limits, courses of metrics, remarks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from penstock.core.job import ActivityState
from penstock.core.node import Node
from penstock.core.outcome import Outcome, Verdict
from penstock.core.report import Limit
from penstock.runtime import observed
from penstock.testing import KEY, a_project, build, fill

from ..kinds.reporters.telling import DRIFT, STORE, a_node, a_run


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


def test_a_check_comes_with_what_it_saw_and_what_it_allows(node: Node) -> None:
    _, steps = a_run(node)
    [check] = observed.checks(node, node.projects.load(KEY), steps)
    assert (check.step, check.item, check.name) == ("MES_Warn", STORE, "Data Drift < 0.6")
    assert (check.verdict, check.observed) == (Verdict.WARNING, "0.592")
    assert check.limits == "warns above 0.55, fails above 0.6"


def test_a_check_that_was_deleted_since_is_still_told(node: Node) -> None:
    _, steps = a_run(node)
    a_project(node, {f"evaluations/{STORE}": {}})
    [check] = observed.checks(node, node.projects.load(KEY), steps)
    assert (check.verdict, check.limits) == (Verdict.WARNING, "")


def test_the_course_of_a_store_ends_with_the_newest_evaluation(node: Node) -> None:
    run, steps = a_run(node)
    [course] = observed.courses(node, node.projects.load(KEY), run, steps)
    assert [p.value for p in course.points] == list(DRIFT)
    assert course.points[-1].upper == pytest.approx(DRIFT[-1] + 0.02)
    assert (course.label, course.neutral) == ("Data Drift", 0.5)
    assert course.limits == (
        Limit(value=0.55, verdict=Verdict.WARNING), Limit(value=0.6, verdict=Verdict.ERROR),
    )  # fmt: skip


def test_a_course_may_end_with_an_older_evaluation(node: Node) -> None:
    course = observed.course(node, node.projects.load(KEY), STORE, up_to="m3")
    assert course is not None
    assert [p.value for p in course.points] == list(DRIFT[:3])


def test_a_metric_nobody_computed_has_no_course(node: Node) -> None:
    assert observed.course(node, node.projects.load(KEY), STORE, "performance:auc") is None


def test_remarks_are_the_checks_that_are_not_ok_once(node: Node) -> None:
    _, steps = a_run(node)
    seen = observed.checks(node, node.projects.load(KEY), steps)
    assert [str(r) for r in observed.remarks(node, steps, seen)] == [
        f"WARNING · MES_Warn: Data Drift < 0.6 on {STORE}: 0.592 (> 0.55)"
    ]


def test_a_step_that_failed_is_a_remark_with_its_message(node: Node) -> None:
    _, [first, *_] = a_run(node)
    failed = replace(first, outcome=Outcome.FAILED, message="No such column.")
    assert [str(r) for r in observed.remarks(node, [failed], [])] == ["FAILED · Build MES: No such column."]


COPY = {
    "datasets/raw": {"type": "managed"}, "datasets/copied": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "copied"},
}  # fmt: skip


def test_the_first_failed_job_is_found_among_those_that_are_kept(node: Node) -> None:
    a_project(node, COPY)
    failed = build(node, "copied", no_fail=True)
    fill(node, "raw", n=[1])
    done = build(node, "copied")
    _, [step, *_] = a_run(node)
    assert observed.first_failed_job(node, [replace(step, jobs=("gone", done.id))]) == ""
    assert observed.first_failed_job(node, [replace(step, jobs=("gone", done.id, failed.id))]) == failed.id


def test_warnings_of_a_steps_jobs_are_remarks(node: Node) -> None:
    a_project(node, COPY)
    fill(node, "raw", n=[1])
    job = build(node, "copied")
    [activity] = node.runs.activities(job.id)
    node.runs.save_activity(replace(activity, state=ActivityState.WARNING, warnings=("few rows",)))
    _, [step, *_] = a_run(node)
    remarks = observed.remarks(node, [replace(step, jobs=("gone", job.id))], [])
    assert [str(r) for r in remarks] == ["WARNING · Build MES: recipe copy: few rows"]
