from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from penstock.core.config import Limits
from penstock.core.errors import (
    Aborted,
    BeingBuilt,
    Invalid,
    InvalidDefinition,
    JobFailed,
    NotFound,
    Refused,
    SourceNotReady,
    WriteProtected,
)
from penstock.core.folder import Folder
from penstock.core.job import BuildMode, JobState
from penstock.core.node import Node
from penstock.core.project import ProjectSettings
from penstock.core.schema import Column
from penstock.runtime import jobs, logs
from penstock.runtime.events import Event
from penstock.runtime.jobs import Options

from .stage import Act, Do, Files, Rows, a_node, a_project, change, do, fill, rows

pytestmark = pytest.mark.both_states

CHAIN = {"make": do("", "a"), "copy": do("a", "b"), "again": do("b", "c")}


@pytest.fixture(autouse=True)
def acts() -> Iterator[dict[str, Act]]:
    """What recipes named by `act` do in this test."""
    Do.ACTS.clear()
    yield Do.ACTS
    Do.ACTS.clear()


def recipes_of(node: Node, job: str) -> list[str]:
    return [a.recipe for a in node.runs.activities(job)]


def states_of(node: Node, job: str) -> dict[str, str]:
    return {a.recipe: str(a.state) for a in node.runs.activities(job)}


def test_a_build_runs_what_is_needed_and_the_rows_are_there(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    job = jobs.build(node, "P", ["c"])
    assert job.state is JobState.DONE
    assert recipes_of(node, job.id) == ["make", "copy", "again"]
    assert rows(node, "c") == [{"n": 1}]
    assert node.runs.job(job.id) == job


@pytest.mark.requirement("A25")
def test_a_second_smart_build_runs_nothing(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    jobs.build(node, "P", ["c"])
    assert recipes_of(node, jobs.build(node, "P", ["c"]).id) == []


@pytest.mark.requirement("A24", "M33")
def test_a_preview_lists_the_plan_with_reasons_and_runs_nothing(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    made = jobs.preview(node, "P", ["c"], "recursive")
    assert [(a.recipe, a.reason) for a in made.activities][:2] == [
        ("make", "never built"),
        ("copy", "an input will be rebuilt: a; never built"),
    ]
    assert node.runs.jobs("P") == []
    assert node.data.snapshot("P", "a") is None


def test_recipes_taken_out_after_a_preview_do_not_run(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    jobs.build(node, "P", ["c"])
    job = jobs.build(node, "P", ["c"], "all", options=Options(without=("make", "copy")))
    assert recipes_of(node, job.id) == ["again"]


@pytest.mark.requirement("A23")
def test_only_this_runs_one_recipe(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    jobs.build(node, "P", ["c"])
    assert recipes_of(node, jobs.build(node, "P", ["c"], BuildMode.ONLY_THIS).id) == ["again"]


def test_the_id_of_a_job_tells_target_and_moment(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    job = jobs.build(node, "P", ["a"])
    assert job.id == f"build_a_NP_{job.created_at:%Y-%m-%dT%H-%M-%S}.{job.created_at.microsecond // 1000:03d}"


def test_two_jobs_of_one_millisecond_have_two_ids(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    noon = node.clock.now()

    class Still:
        def now(self) -> Any:
            return noon

        def new_id(self, length: int = 12) -> str:
            return node.clock.new_id(length)

    held = replace(node, clock=Still())
    first, second = (jobs.build(held, "P", ["a"]) for _ in range(2))
    assert second.id.startswith(first.id)
    assert second.id != first.id


def test_a_recipe_or_a_zone_or_everything_can_be_the_target(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN, zones={"Z": ["a"]}))
    assert recipes_of(node, jobs.build(node, "P", ["make"], "only").id) == ["make"]
    assert recipes_of(node, jobs.build(node, "P", ["zone:Z"], "only").id) == ["make"]
    assert recipes_of(node, jobs.build(node, "P", ["*"]).id) == ["copy", "again"]


@pytest.mark.requirement("A39")
def test_what_cannot_begin_is_refused_before_there_is_a_job(tmp_path: Path) -> None:
    protected = {"c": Rows(rebuild="write_protected")}
    node = a_node(tmp_path, a_project(CHAIN, datasets=protected))
    with pytest.raises(Invalid, match="Did you mean required"):
        jobs.build(node, "P", ["b"], "requird")
    with pytest.raises(NotFound, match="no object 'bb'"):
        jobs.build(node, "P", ["bb"])
    with pytest.raises(WriteProtected):
        jobs.build(node, "P", ["c"])
    change(node, recipes={**CHAIN, "make": do("c", "a")})
    with pytest.raises(InvalidDefinition, match="circle"):
        jobs.build(node, "P", ["b"])
    assert node.runs.jobs("P") == []


@pytest.mark.requirement("A39")
def test_waiting_raises_on_a_failure_and_not_on_success(tmp_path: Path, acts: dict[str, Act]) -> None:
    def fail(ctx: Any) -> None:
        raise ValueError("no such luck")

    acts["fail"] = fail
    node = a_node(tmp_path, a_project({**CHAIN, "copy": do("a", "b", "fail")}))
    with pytest.raises(JobFailed, match="ValueError: no such luck"):
        jobs.build(node, "P", ["b"])
    assert jobs.build(node, "P", ["b"], no_fail=True).state is JobState.FAILED
    assert jobs.start(node, "P", ["a"]).wait().state is JobState.DONE


@pytest.mark.requirement("A26")
def test_a_failed_output_is_built_again_and_what_hangs_on_it_is_skipped(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    tried: list[int] = []

    def fail_once(ctx: Any) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise RuntimeError("first try")
        ctx.write("b", ctx.read("a"))

    acts["fail"] = fail_once
    node = a_node(
        tmp_path,
        a_project({**CHAIN, "copy": do("a", "b", "fail"), "other": do("a", "d"), "end": do("c d", "e")}),
    )
    job = jobs.build(node, "P", ["e"], no_fail=True)
    assert states_of(node, job.id) == {
        "make": "DONE", "copy": "FAILED", "other": "DONE", "again": "SKIPPED", "end": "SKIPPED",
    }  # fmt: skip
    why = {a.recipe: a.waiting_for for a in node.runs.activities(job.id)}
    assert why["again"] == "not run: copy failed"
    assert why["end"] == "not run: again was skipped"
    assert job.error == "Recipe copy: RuntimeError: first try."
    again = jobs.preview(node, "P", ["e"])
    assert [a.recipe for a in again.activities] == ["copy", "again", "end"]
    assert again.activities[0].reason in ("last build failed", "never built")


def test_a_failed_rebuild_leaves_the_old_rows(tmp_path: Path, acts: dict[str, Act]) -> None:
    def write_then_fail(ctx: Any) -> None:
        ctx.write("b", pa.table({"n": [2]}))
        raise RuntimeError("too late")

    acts["late"] = write_then_fail
    node = a_node(tmp_path, a_project(CHAIN))
    jobs.build(node, "P", ["b"])
    change(node, recipes={**CHAIN, "copy": do("a", "b", "late")})
    job = jobs.build(node, "P", ["b"], no_fail=True)
    assert job.state is JobState.FAILED
    assert rows(node, "b") == [{"n": 1}]
    assert list((node.config.home / "data").rglob(".writing-*")) == []
    record = node.runs.build_record("P", "b")
    assert record is not None
    assert not record.success


@pytest.mark.requirement("A33")
def test_both_outputs_of_a_recipe_are_refreshed_in_one_activity(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    numbers = iter(range(100))

    def two(ctx: Any) -> None:
        number = next(numbers)
        ctx.write("left", pa.table({"n": [number]}))
        ctx.write("right", pa.table({"n": [-number]}))

    acts["two"] = two
    node = a_node(tmp_path, a_project({"split": do("", "left right", "two")}))
    jobs.build(node, "P", ["left"])
    job = jobs.build(node, "P", ["left"], "only")
    assert recipes_of(node, job.id) == ["split"]
    assert (rows(node, "left"), rows(node, "right")) == ([{"n": 1}], [{"n": -1}])


def test_edits_made_while_a_job_runs_do_not_reach_it(tmp_path: Path, acts: dict[str, Act]) -> None:
    def edit(ctx: Any) -> None:
        change(node, recipes={**CHAIN, "copy": do("a", "b", "never")})
        ctx.write("a", pa.table({"n": [1]}))

    acts["edit"] = edit
    node = a_node(tmp_path, a_project({**CHAIN, "make": do("", "a", "edit")}))
    assert jobs.build(node, "P", ["b"]).state is JobState.DONE


def test_an_input_that_changes_while_its_reader_runs_makes_the_output_stale(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    def read_then_change(ctx: Any) -> None:
        ctx.write("b", ctx.read("source"))
        fill(node, "source", pa.table({"n": [2]}))

    acts["slow"] = read_then_change
    node = a_node(tmp_path, a_project({"r": do("source", "b", "slow")}))
    fill(node, "source")
    jobs.build(node, "P", ["b"])
    made = jobs.preview(node, "P", ["b"])
    assert [a.reason for a in made.activities] == ["input source changed: its data is other data now"]


# ── sources ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def monthly(node: Node, *names: str) -> Path:
    root = node.data.folder("P", "inbox")
    for name in names:
        (root / name).write_text("n\n1\n")
    return root


def with_files(tmp_path: Path, **settings: Any) -> Node:
    return a_node(
        tmp_path,
        a_project(
            {"score": do("source", "scored"), "evaluate": do("scored", "judged")},
            folders={"inbox": Folder()}, datasets={"source": Files(inbox="inbox", **settings)},
        ),
    )  # fmt: skip


@pytest.mark.requirement("A25", "A26")
def test_another_file_selection_rebuilds_what_reads_it(tmp_path: Path) -> None:
    node = with_files(tmp_path, selection=("april.csv",))
    monthly(node, "april.csv", "may.csv")
    jobs.build(node, "P", ["judged"])
    change(
        node,
        datasets={**node.projects.load("P").datasets, "source": Files(inbox="inbox", selection=("may.csv",))},
    )
    job = jobs.build(node, "P", ["judged"])
    assert [(a.recipe, a.reason) for a in node.runs.activities(job.id)] == [
        ("score", "input source changed: its settings (selection 1), 1 file added, 1 removed"),
        ("evaluate", "an input will be rebuilt: scored"),
    ]
    assert recipes_of(node, jobs.build(node, "P", ["judged"]).id) == []


@pytest.mark.requirement("A26")
def test_a_touched_file_rebuilds_what_reads_it(tmp_path: Path) -> None:
    node = with_files(tmp_path)
    root = monthly(node, "april.csv")
    jobs.build(node, "P", ["judged"])
    os.utime(root / "april.csv", (1, 1))
    made = jobs.preview(node, "P", ["judged"])
    assert made.activities[0].reason == "input source changed: 1 file changed"


@pytest.mark.requirement("A27")
def test_with_a_marker_file_only_the_marker_counts(tmp_path: Path) -> None:
    node = with_files(tmp_path, marker_file="ready")
    root = monthly(node, "april.csv", "ready")
    jobs.build(node, "P", ["judged"])
    monthly(node, "may.csv")
    assert jobs.preview(node, "P", ["judged"]).activities == ()
    os.utime(root / "ready", (1, 1))
    assert jobs.preview(node, "P", ["judged"]).recipes == ("score", "evaluate")


@pytest.mark.requirement("A38")
def test_a_missing_file_fails_the_job_before_any_recipe_runs(tmp_path: Path) -> None:
    node = with_files(tmp_path, selection=("april.csv",))
    change(
        node, recipes={**node.projects.load("P").recipes, "first": do("", "x"), "last": do("x scored", "y")}
    )
    job = jobs.build(node, "P", ["y"], no_fail=True)
    assert job.state is JobState.FAILED
    assert "source: file april.csv does not exist" in job.error
    assert job.error_code == SourceNotReady("x").code
    assert set(states_of(node, job.id).values()) == {"SKIPPED"}
    assert node.data.snapshot("P", "x") is None


def test_an_input_nobody_builds_in_this_job_must_be_there(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    job = jobs.build(node, "P", ["c"], "only", no_fail=True)
    assert "Dataset b was never built" in job.error


# ── variables and settings ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.requirement("A29")
def test_a_changed_variable_rebuilds_and_the_job_says_which(tmp_path: Path) -> None:
    def settings(date: str) -> ProjectSettings:
        return ProjectSettings(variables={"start_date": date})

    recipes = {"make": do("", "a"), "keep": do("a", "b", condition="${start_date}")}
    node = a_node(tmp_path, a_project(recipes, settings=settings("2017-01-01")))
    jobs.build(node, "P", ["b"])
    change(node, settings=settings("2017-04-01"))
    job = jobs.build(node, "P", ["b"])
    assert [(a.recipe, a.reason) for a in node.runs.activities(job.id)] == [
        ("keep", "variable start_date changed from 2017-01-01 to 2017-04-01")
    ]


def test_variables_of_one_job_reach_its_recipes(tmp_path: Path, acts: dict[str, Act]) -> None:
    seen: list[str] = []

    def look(ctx: Any) -> None:
        seen.append(ctx.expand("${projectKey} ${quarter}"))
        ctx.write("a", pa.table({"n": [1]}))

    acts["look"] = look
    node = a_node(tmp_path, a_project({"make": do("", "a", "look")}))
    jobs.build(node, "P", ["a"], options=Options(variables={"quarter": "Q2"}))
    assert seen == ["P Q2"]


def test_a_job_can_be_run_again(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    first = jobs.build(
        node, "P", ["c"], "all", options=Options(without=("make",), variables={"x": 1}), no_fail=True
    )
    jobs.build(node, "P", ["a"])
    second = jobs.again(node, first.id)
    assert second.id != first.id
    assert recipes_of(node, second.id) == ["copy", "again"]
    assert second.options == first.options


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_strict_columns_refuse_other_ones_by_name(tmp_path: Path) -> None:
    strict = Rows(columns=(Column(name="m", type="bigint"),), schema_mode="strict")
    node = a_node(tmp_path, a_project(CHAIN, datasets={"b": strict}))
    job = jobs.build(node, "P", ["b"], no_fail=True)
    assert "column 'm' was removed" in job.error
    assert "column 'n' was added" in job.error
    assert node.data.snapshot("P", "b") is None


def test_following_columns_are_a_warning_of_the_log(tmp_path: Path) -> None:
    follow = Rows(columns=(Column(name="m", type="bigint"),))
    node = a_node(tmp_path, a_project(CHAIN, datasets={"b": follow}))
    job = jobs.build(node, "P", ["b"])
    assert job.state is JobState.DONE
    assert job.warnings == 1
    assert states_of(node, job.id)["copy"] == "WARNING"
    assert "column 'm' was removed" in logs.read(node, job.id, "copy")


def test_declaring_some_columns_to_describe_them_is_no_warning(tmp_path: Path) -> None:
    some = Rows(columns=(Column(name="n", description="how many"),))
    node = a_node(tmp_path, a_project({"make": do("", "a", "two")}, datasets={"a": some}))
    Do.ACTS["two"] = lambda ctx: ctx.write("a", pa.table({"n": [1], "hour": [2]}))
    assert jobs.build(node, "P", ["a"], "only").warnings == 0
    Do.ACTS["two"] = lambda ctx: ctx.write("a", pa.table({"n": [1], "minute": [2]}))
    job = jobs.build(node, "P", ["a"], "only")
    said = logs.read(node, job.id, "make")
    assert job.warnings == 1
    assert (
        "a has other columns than before: column 'hour' was removed (bigint); column 'minute' was added"
        in said
    )
    assert jobs.build(node, "P", ["a"], "only").warnings == 0


def test_a_declared_type_that_the_data_leaves_is_a_warning(tmp_path: Path) -> None:
    some = Rows(columns=(Column(name="n", type="double"),))
    node = a_node(tmp_path, a_project(CHAIN, datasets={"b": some}))
    job = jobs.build(node, "P", ["b"])
    assert "column 'n' was retyped from double to bigint" in logs.read(node, job.id, "copy")


def test_updating_schemas_brings_the_definition_up_to_date_and_keeps_descriptions(tmp_path: Path) -> None:
    columns = (Column(name="n", type="string", description="how many"),)
    node = a_node(tmp_path, a_project(CHAIN, datasets={"b": Rows(columns=columns, schema_mode="strict")}))
    job = jobs.build(node, "P", ["b"], options=Options(update_schemas=True))
    assert job.warnings == 0
    declared = node.projects.load("P").dataset("b").columns
    assert declared == (Column(name="n", type="bigint", description="how many"),)


def test_a_recipe_that_forgets_an_output_fails(tmp_path: Path, acts: dict[str, Act]) -> None:
    acts["nothing"] = lambda ctx: None
    node = a_node(tmp_path, a_project({"make": do("", "a", "nothing")}))
    assert "without writing its output a" in jobs.build(node, "P", ["a"], no_fail=True).error


def test_writing_what_is_not_an_output_is_refused(tmp_path: Path, acts: dict[str, Act]) -> None:
    acts["stray"] = lambda ctx: ctx.write("b", pa.table({"n": [1]}))
    node = a_node(tmp_path, a_project({"make": do("", "a", "stray"), "copy": do("a", "b")}))
    job = jobs.build(node, "P", ["a"], no_fail=True)
    assert job.error_code == Refused("x").code
    assert "its outputs are a" in job.error


def test_appending_makes_a_snapshot_with_the_old_rows_and_the_new(
    tmp_path: Path, acts: dict[str, Act]
) -> None:
    acts["add"] = lambda ctx: ctx.append("a", pa.table({"n": [7]}))
    node = a_node(tmp_path, a_project({"make": do("", "a", "add")}))
    for _ in range(3):
        jobs.build(node, "P", ["a"], "only")
    assert rows(node, "a") == [{"n": 7}] * 3
    acts["add"] = lambda ctx: ctx.append("a", pa.table({"m": [7]}))
    assert "column 'm' was added" in jobs.build(node, "P", ["a"], "only", no_fail=True).error


def test_what_was_asked_for_after_success_happens_after_the_swap_and_never_on_failure(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    seen: list[Any] = []

    def work(ctx: Any) -> None:
        ctx.after_success(lambda: seen.append(rows(node, "a")))
        ctx.write("a", pa.table({"n": [1]}))
        if ctx.variables.get("fail"):
            raise RuntimeError

    acts["work"] = work
    node = a_node(tmp_path, a_project({"make": do("", "a", "work")}))
    jobs.build(node, "P", ["a"])
    jobs.build(node, "P", ["a"], "only", options=Options(variables={"fail": True}), no_fail=True)
    assert seen == [[{"n": 1}]]


def test_the_private_folder_is_gone_afterwards(tmp_path: Path, acts: dict[str, Act]) -> None:
    def work(ctx: Any) -> None:
        (ctx.work / "notes").write_text("x")
        ctx.write("a", pa.table({"n": [1]}))

    acts["work"] = work
    node = a_node(tmp_path, a_project({"make": do("", "a", "work")}))
    jobs.build(node, "P", ["a"])
    assert list((node.config.home / "work").rglob("notes")) == []


# ── logs and events ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.requirement("A37")
def test_warnings_count_and_never_fail(tmp_path: Path, acts: dict[str, Act]) -> None:
    def warn(ctx: Any) -> None:
        ctx.log.warning("Only 500 rows to learn from.", type="ML_DIAGNOSTICS_DATASET_SANITY_CHECKS")
        ctx.write("b", ctx.read("a"))

    acts["warn"] = warn
    node = a_node(tmp_path, a_project({**CHAIN, "copy": do("a", "b", "warn")}))
    job = jobs.build(node, "P", ["c"])
    assert (job.state, job.warnings) == (JobState.DONE, 1)
    assert states_of(node, job.id) == {"make": "DONE", "copy": "WARNING", "again": "DONE"}
    assert "[WARN] ML_DIAGNOSTICS_DATASET_SANITY_CHECKS: Only 500 rows" in logs.read(node, job.id, "copy")


@pytest.mark.requirement("A39")
def test_the_log_of_an_activity_has_its_lines_alone_and_the_jobs_has_all(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    def talk(ctx: Any) -> None:
        ctx.log.info(f"hello from {ctx.recipe_name}\nand again")
        ctx.write(ctx.project.recipe(ctx.recipe_name).writes[0], pa.table({"n": [1]}))

    acts["talk"] = talk
    node = a_node(tmp_path, a_project({"one": do("", "a", "talk"), "two": do("", "b", "talk")}))
    job = jobs.build(node, "P", ["a", "b"])
    assert "hello from one" in logs.read(node, job.id, "one")
    assert "two" not in logs.read(node, job.id, "one")
    whole = logs.read(node, job.id)
    assert "[one] hello from one" in whole
    assert "[two] and again" in whole
    with pytest.raises(NotFound, match="Did you mean one"):
        logs.read(node, job.id, "onee")


def test_an_exception_of_peoples_code_is_in_the_log_with_its_traceback(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    def broken_line(ctx: Any) -> None:
        raise KeyError("card_age")

    acts["broken"] = broken_line
    node = a_node(tmp_path, a_project({"make": do("", "a", "broken")}))
    job = jobs.build(node, "P", ["a"], no_fail=True)
    text = logs.read(node, job.id, "make")
    assert "in broken_line" in text
    assert "[ERROR] KeyError: 'card_age'" in text


def test_whoever_watches_is_told_states_lines_and_progress(tmp_path: Path, acts: dict[str, Act]) -> None:
    def work(ctx: Any) -> None:
        ctx.progress("half of it", 0.5)
        ctx.write("a", pa.table({"n": [1]}))

    acts["work"] = work
    told: list[Event] = []
    node = a_node(tmp_path, a_project({"make": do("", "a", "work")}))
    jobs.build(node, "P", ["a"], watch=told.append)
    assert [e.state for e in told if e.what == "job"] == ["COMPUTING_DEPENDENCIES", "RUNNING", "DONE"]
    assert [e.state for e in told if e.what == "activity"] == ["NOT_STARTED", "RUNNING", "DONE"]
    assert [(e.message, e.fraction) for e in told if e.what == "progress"] == [("half of it", 0.5)]
    assert any(e.what == "log" and "1 row" in e.message for e in told)
    assert str(next(e for e in told if e.what == "progress")) == "make: half of it (50%)"


def test_options_may_be_given_as_words(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project(CHAIN))
    assert jobs.preview(node, "P", ["b"], "all", without=["make"]).recipes == ("copy",)
    job = jobs.build(node, "P", ["b"], "all", variables={"x": 1}, watch=None)
    assert job.options["variables"] == {"x": 1}
    assert jobs.history(node, "P") == [jobs.show(node, job.id)]
    assert [a.recipe for a in jobs.activities(node, job.id)] == ["make", "copy"]


# ── several at once ─────────────────────────────────────────────────────────────────────────────────────────────────


class Meeting:
    """A recipe that says when it is inside and stays until it is let go."""

    def __init__(self, acts: dict[str, Act], name: str = "meet") -> None:
        self.inside, self.go, self.stopped = threading.Semaphore(0), threading.Event(), threading.Event()
        self.together = self.most = 0
        self._lock = threading.Lock()
        acts[name] = self.run

    def run(self, ctx: Any) -> None:
        with self._lock:
            self.together += 1
            self.most = max(self.most, self.together)
        self.inside.release()
        while not self.go.wait(0.01):
            if ctx.should_stop():
                self.stopped.set()
                raise Aborted("stopped")
        with self._lock:
            self.together -= 1
        for output in ctx.project.recipe(ctx.recipe_name).writes:
            ctx.write(output, pa.table({"n": [1]}))

    def entered(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.inside.acquire(timeout=20)


def until(node: Node, job: str, recipe: str, text: str) -> str:
    """Wait until an activity says that it waits for something."""
    for _ in range(2000):
        for activity in node.runs.activities(job):
            if activity.recipe == recipe and text in activity.waiting_for:
                return activity.waiting_for
        threading.Event().wait(0.01)
    raise AssertionError(f"{recipe} never said '{text}': {node.runs.activities(job)}")


def test_independent_recipes_run_at_the_same_time(tmp_path: Path, acts: dict[str, Act]) -> None:
    meeting = Meeting(acts)
    node = a_node(tmp_path, a_project({"one": do("", "a", "meet"), "two": do("", "b", "meet")}))
    started = jobs.start(node, "P", ["a", "b"])
    meeting.entered(2)
    meeting.go.set()
    assert started.wait().state is JobState.DONE
    assert meeting.most == 2


@pytest.mark.requirement("A35")
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(activities=1), "queued: waiting for a global slot (0 ahead)"),
        (Limits(keyed={"recipe_type/do": 1}), "queued: waiting for a slot of recipe_type/do (0 ahead)"),
        (Limits(keyed={"project/P": 1}), "queued: waiting for a slot of project/P (0 ahead)"),
        (Limits(keyed={"user/ann": 1}), "queued: waiting for a slot of user/ann (0 ahead)"),
        (Limits(keyed={"tag/heavy": 1}), "queued: waiting for a slot of tag/heavy (0 ahead)"),
        (Limits(activities_per_job=1), "queued: waiting for a slot of this job (1 at once)"),
    ],
)
def test_with_a_limit_of_one_the_second_is_queued_and_says_why(
    tmp_path: Path, acts: dict[str, Act], limits: Limits, said: str
) -> None:  # fmt: skip
    meeting = Meeting(acts)
    recipes = {"one": do("", "a", "meet", tags=("heavy",)), "two": do("", "b", "meet", tags=("heavy",))}
    node = a_node(tmp_path, a_project(recipes), limits=limits)
    started = jobs.start(node, "P", ["a", "b"])
    meeting.entered()
    assert until(node, started.job.id, "two", "queued") == said
    meeting.go.set()
    assert started.wait().state is JobState.DONE
    assert meeting.most == 1


def test_limits_hold_over_several_jobs_and_the_queue_is_counted(tmp_path: Path, acts: dict[str, Act]) -> None:
    meeting = Meeting(acts)
    recipes = {name: do("", f"out_{name}", "meet") for name in ("one", "two", "three")}
    node = a_node(tmp_path, a_project(recipes), limits=Limits(activities=1))
    first = jobs.start(node, "P", ["out_one"])
    meeting.entered()
    second = jobs.start(node, "P", ["out_two"])
    until(node, second.job.id, "two", "(0 ahead)")
    third = jobs.start(node, "P", ["out_three"])
    until(node, third.job.id, "three", "(1 ahead)")
    meeting.go.set()
    assert {j.wait().state for j in (first, second, third)} == {JobState.DONE}
    assert meeting.most == 1


def test_a_job_waits_for_a_slot_of_jobs(tmp_path: Path, acts: dict[str, Act]) -> None:
    meeting = Meeting(acts)
    node = a_node(
        tmp_path, a_project({"one": do("", "a", "meet"), "two": do("", "b")}), limits=Limits(jobs=1)
    )
    first = jobs.start(node, "P", ["a"])
    meeting.entered()
    queued = threading.Event()

    def watch(event: Event) -> None:
        if "a slot of jobs" in event.message:
            queued.set()

    second = jobs.start(node, "P", ["b"], watch=watch)
    assert queued.wait(20)
    assert node.runs.job(second.job.id).state is JobState.NOT_STARTED
    meeting.go.set()
    assert second.wait().state is JobState.DONE
    assert first.wait().state is JobState.DONE


@pytest.mark.requirement("A34")
def test_a_second_job_waits_for_an_object_under_construction_and_finds_it_built(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    meeting = Meeting(acts)
    node = a_node(tmp_path, a_project({**CHAIN, "copy": do("a", "b", "meet")}))
    first = jobs.start(node, "P", ["b"])
    meeting.entered()
    second = jobs.start(node, "P", ["c"])
    said = until(node, second.job.id, "copy", "waiting: ")
    assert said == f"waiting: 'b' is being built by job {first.job.id}"
    meeting.go.set()
    assert first.wait().state is second.wait().state is JobState.DONE
    assert meeting.most == 1
    assert states_of(node, second.job.id) == {"copy": "SKIPPED", "again": "DONE"}


@pytest.mark.requirement("A34")
def test_waiting_too_long_fails_with_the_id_of_the_other_job(tmp_path: Path, acts: dict[str, Act]) -> None:
    meeting = Meeting(acts)
    node = a_node(tmp_path, a_project({"make": do("", "a", "meet")}), wait_for_object=0.05)
    first = jobs.start(node, "P", ["a"])
    meeting.entered()
    second = jobs.build(node, "P", ["a"], no_fail=True)
    assert second.state is JobState.FAILED
    assert first.job.id in second.error
    assert second.error_code == BeingBuilt("x").code
    meeting.go.set()
    assert first.wait().state is JobState.DONE
    assert jobs.build(node, "P", ["a"], "only").state is JobState.DONE


# ── abort ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.requirement("A36")
def test_an_aborted_job_stops_and_leaves_finished_outputs_alone(tmp_path: Path, acts: dict[str, Act]) -> None:
    meeting = Meeting(acts)
    node = a_node(tmp_path, a_project(CHAIN))
    jobs.build(node, "P", ["b"])
    change(node, recipes={**CHAIN, "copy": do("a", "b", "meet")})
    started = jobs.start(node, "P", ["c"], "all")
    meeting.entered()
    assert jobs.abort(node, started.job.id)
    with pytest.raises(Aborted):
        started.wait()
    assert node.runs.job(started.job.id).state is JobState.ABORTED
    assert states_of(node, started.job.id) == {"make": "DONE", "copy": "ABORTED", "again": "SKIPPED"}
    assert rows(node, "b") == [{"n": 1}]
    assert meeting.stopped.is_set()
    made = jobs.preview(node, "P", ["b"])
    assert "last build failed" in made.activities[0].reason
    assert {r.item: r.success for r in node.runs.build_records("P").values()} == {"a": True, "b": False}


@pytest.mark.requirement("A36")
def test_aborting_twice_or_too_late_is_safe(tmp_path: Path, acts: dict[str, Act]) -> None:
    meeting = Meeting(acts)
    node = a_node(tmp_path, a_project({"make": do("", "a", "meet")}))
    started = jobs.start(node, "P", ["a"])
    meeting.entered()
    assert jobs.abort(node, started.job.id)
    jobs.abort(node, started.job.id)
    assert started.wait(no_fail=True).state is JobState.ABORTED
    assert not jobs.abort(node, started.job.id)
    assert node.runs.job(started.job.id).state is JobState.ABORTED
    meeting.go.set()
    assert jobs.build(node, "P", ["a"]).state is JobState.DONE


@pytest.mark.requirement("A36")
def test_a_job_is_aborted_while_it_waits_for_an_object(tmp_path: Path, acts: dict[str, Act]) -> None:
    meeting = Meeting(acts)
    node = a_node(tmp_path, a_project({"make": do("", "a", "meet")}))
    first = jobs.start(node, "P", ["a"])
    meeting.entered()
    second = jobs.start(node, "P", ["a"])
    until(node, second.job.id, "make", "waiting: ")
    jobs.abort(node, second.job.id)
    assert second.wait(no_fail=True).state is JobState.ABORTED
    meeting.go.set()
    assert first.wait().state is JobState.DONE


@pytest.mark.requirement("A36")
def test_a_job_is_aborted_while_it_is_queued(tmp_path: Path, acts: dict[str, Act]) -> None:
    meeting = Meeting(acts)
    node = a_node(
        tmp_path,
        a_project({"one": do("", "a", "meet"), "two": do("", "b", "meet")}),
        limits=Limits(activities=1),
    )
    first = jobs.start(node, "P", ["a"])
    meeting.entered()
    second = jobs.start(node, "P", ["b"])
    until(node, second.job.id, "two", "queued")
    jobs.abort(node, second.job.id)
    assert second.wait(no_fail=True).state is JobState.ABORTED
    assert states_of(node, second.job.id) == {"two": "SKIPPED"}
    meeting.go.set()
    assert first.wait().state is JobState.DONE


@pytest.mark.requirement("A36")
def test_a_recipe_that_never_looks_up_is_given_up_and_changes_nothing_later(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    inside, go, over = threading.Event(), threading.Event(), threading.Event()

    def deaf(ctx: Any) -> None:
        inside.set()
        try:
            assert go.wait(20)
            ctx.write("a", pa.table({"n": [666]}))
        finally:
            over.set()

    acts["deaf"] = deaf
    node = a_node(tmp_path, a_project({"make": do("", "a", "deaf")}), abort_grace=0.1)
    started = jobs.start(node, "P", ["a"])
    assert inside.wait(20)
    jobs.abort(node, started.job.id)
    assert started.wait(no_fail=True).state is JobState.ABORTED
    assert states_of(node, started.job.id) == {"make": "ABORTED"}
    go.set()
    assert over.wait(20)
    assert node.data.snapshot("P", "a") is None


@pytest.mark.requirement("A36")
def test_a_child_process_and_its_children_are_killed_within_a_bound(
    tmp_path: Path, acts: dict[str, Act]
) -> None:  # fmt: skip
    import psutil

    code = tmp_path / "forever.py"
    code.write_text(
        "import subprocess, sys, os\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print('pids', os.getpid(), child.pid, flush=True)\n"
        "child.wait()\n"
    )
    pids: list[int] = []
    printed = threading.Event()

    def watch(event: Event) -> None:
        if event.message.startswith("pids"):
            pids.extend(int(p) for p in event.message.split()[1:])
            printed.set()

    acts["child"] = lambda ctx: ctx.run_python(code, {})
    node = a_node(tmp_path, a_project({"make": do("", "a", "child")}), abort_grace=2.0)
    started = jobs.start(node, "P", ["a"], watch=watch)
    assert printed.wait(60)
    jobs.abort(node, started.job.id)
    assert started.wait(no_fail=True).state is JobState.ABORTED
    assert len(pids) == 2
    assert not [
        p for p in pids if psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE
    ]


@pytest.mark.requirement("A36")
def test_a_running_query_is_interrupted(tmp_path: Path, acts: dict[str, Act]) -> None:
    inside = threading.Event()

    def endless(ctx: Any) -> None:
        backend = ctx.opened.session.backend
        inside.set()
        ctx.write("a", backend.sql("SELECT count(*) AS n FROM range(10000000000) a, range(1000) b"))

    acts["endless"] = endless
    node = a_node(tmp_path, a_project({"make": do("", "a", "endless")}), abort_grace=20.0)
    started = jobs.start(node, "P", ["a"])
    assert inside.wait(20)
    jobs.abort(node, started.job.id)
    assert started.wait(no_fail=True).state is JobState.ABORTED
    assert "given up" not in logs.read(node, started.job.id)
