"""Runs of scenarios on a real node: steps in order, retries, time limits, aborts, identity, another worker."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core.errors import Aborted, Conflict, InvalidDefinition, NotFound, Refused, RunFailed
from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState
from penstock.runtime import asking, identity, lease, projects, scenarios, stepping, users
from penstock.testing import a_node, fill, rows

from .acts import BADLY, KEY, SLEEP, WELL, a_scenario, a_stage, named, run, steps, when

pytestmark = pytest.mark.both_states

MANAGED = {"datasets/rows": {"type": "managed"}}


def outcomes(node: Any, done: Any) -> dict[str, str]:
    return {label: str(step.outcome or step.state) for label, step in steps(node, done).items()}


@pytest.mark.requirement("A61", "A89")
def test_a_run_does_its_steps_in_order_and_says_why_each_ran_or_was_skipped(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(
        node, "s", named("a", WELL), named("b", BADLY), named("c", WELL),
        named("d", WELL, run_if="some prior step failed"), named("e", WELL, run_if="always"),
    )  # fmt: skip
    done = run(node, "s")
    assert (done.state, done.outcome) == (RunState.DONE, Outcome.FAILED)
    assert outcomes(node, done) == {
        "a": "SUCCESS", "b": "FAILED", "c": "SKIPPED", "d": "SUCCESS", "e": "SUCCESS",
    }  # fmt: skip
    found = steps(node, done)
    assert found["c"].why == "The outcome so far is FAILED."
    assert found["d"].why == "A prior step failed."
    assert "there_is_no_such_name" in found["b"].message
    assert done.message.startswith("b: ")
    assert done.started_at <= found["a"].started_at <= found["b"].started_at <= done.ended_at


@pytest.mark.requirement("A89")
def test_the_log_of_a_run_holds_those_of_its_steps(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("a", WELL), named("b", BADLY))
    done = run(node, "s")
    whole, part = scenarios.log(node, done.id), scenarios.log(node, done.id, "b")
    assert "there_is_no_such_name" in part
    assert "[b]" in whole
    assert "there_is_no_such_name" in whole
    assert scenarios.log(node, done.id, "1") == part
    with pytest.raises(NotFound, match="There is no step"):
        scenarios.log(node, done.id, "c")


@pytest.mark.requirement("A63")
def test_a_word_that_turns_out_to_be_no_outcome_fails_its_step_with_the_message(tmp_path):
    node = a_stage(tmp_path)
    wanted = {"type": "define_variables", "values": {"wanted": "SUCESS"}}
    a_scenario(node, "s", wanted, named("b", WELL, run_if={"condition": "outcome == '${wanted}'"}))
    row = steps(node, run(node, "s"))["b"]
    assert row.outcome is Outcome.FAILED
    assert "'SUCESS' is no outcome" in row.message
    assert "Did you mean SUCCESS?" in row.message


def test_a_condition_that_cannot_be_judged_fails_its_step_with_the_message(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("a", WELL, run_if={"condition": "nobody_set_this > 3"}), named("b", WELL))
    done = run(node, "s")
    assert outcomes(node, done) == {"a": "FAILED", "b": "SKIPPED"}
    assert "nobody_set_this" in steps(node, done)["a"].message


@pytest.mark.requirement("A64")
def test_a_step_that_fails_twice_and_then_passes_is_a_success_after_three_attempts(tmp_path):
    node = a_stage(tmp_path, MANAGED)
    ask = {"type": "sql", "query": "SELECT count(*) FROM rows"}
    a_scenario(node, "s", named("a", ask, retries=2, retry_delay=0.01))
    done = run(node, "s", watch=when("Try 2 of 3 failed", lambda: fill(node, "rows", n=[1, 2])))
    step = steps(node, done)["a"]
    assert (done.outcome, step.attempts, step.output["rows"]) == (Outcome.SUCCESS, 3, [[2]])


@pytest.mark.requirement("A64")
def test_a_step_that_fails_every_time_is_failed_after_its_retries(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("a", BADLY, retries=2, retry_delay=0))
    done = run(node, "s")
    assert (done.outcome, steps(node, done)["a"].attempts) == (Outcome.FAILED, 3)
    assert scenarios.log(node, done.id).count("of 3 failed") == 2


@pytest.mark.requirement("A90")
def test_waiting_for_a_retry_never_keeps_an_abort_from_working(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("a", BADLY, retries=1, retry_delay=3600))
    done = run(node, "s", watch=when("Try 1", lambda: scenarios.abort_current(node, KEY, "s")))
    assert done.outcome is Outcome.ABORTED


@pytest.mark.requirement("A90")
def test_an_abort_ends_the_step_cleans_up_and_leaves_the_rest_out(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(
        node, "s", named("a", SLEEP), named("b", WELL), named("clean", WELL, run_if="always"),
        named("c", WELL, run_if="some prior step failed", reset_failure=True),
    )  # fmt: skip
    done = run(node, "s", watch=when("asleep", lambda: scenarios.abort_current(node, KEY, "s")))
    assert (done.state, done.outcome) == (RunState.DONE, Outcome.ABORTED)
    assert outcomes(node, done) == {"a": "ABORTED", "b": "SKIPPED", "clean": "SUCCESS", "c": "SKIPPED"}
    assert "aborted" in steps(node, done)["c"].why
    assert not scenarios.abort(node, done.id)


@pytest.mark.requirement("A90")
def test_aborting_an_idle_scenario_does_nothing(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", WELL)
    assert not scenarios.abort_current(node, KEY, "s")
    assert run(node, "s").outcome is Outcome.SUCCESS


def test_a_step_that_takes_too_long_is_failed(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("a", SLEEP, timeout=1), named("b", WELL, run_if="some prior step failed"))
    done = run(node, "s")
    assert outcomes(node, done) == {"a": "FAILED", "b": "SUCCESS"}
    assert "timed out after 1 seconds" in steps(node, done)["a"].message


def test_a_run_that_takes_too_long_is_stopped_as_failed_and_cleans_up(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(
        node, "s", named("a", SLEEP, proceed_on_failure=True), named("b", WELL),
        named("clean", WELL, run_if="always"), max_duration=1,
    )  # fmt: skip
    done = run(node, "s")
    assert done.outcome is Outcome.FAILED
    assert outcomes(node, done) == {"a": "WARNING", "b": "SKIPPED", "clean": "SUCCESS"}
    assert "longer than 1 seconds" in done.message


def test_waiting_raises_unless_the_run_ended_well_enough(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "bad", BADLY)
    a_scenario(node, "so_so", {**BADLY, "proceed_on_failure": True})
    with pytest.raises(RunFailed, match="penstock scenario log"):
        scenarios.run_and_wait(node, KEY, "bad")
    assert scenarios.run_and_wait(node, KEY, "so_so").outcome is Outcome.WARNING
    with pytest.raises(RunFailed, match="WARNING"):
        scenarios.run_and_wait(node, KEY, "so_so", fail_on="WARNING")
    a_scenario(node, "slow", SLEEP)
    with pytest.raises(Aborted):
        run(
            node,
            "slow",
            fail_on="FAILED",
            watch=when("asleep", lambda: scenarios.abort_current(node, KEY, "slow")),
        )


@pytest.mark.requirement("A81")
def test_a_run_asked_for_during_a_run_is_cancelled_or_waits(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", WELL)
    first = asking.ask(node, KEY, "s")
    assert asking.ask(node, KEY, "s").state is RunState.CANCELLED
    with pytest.raises(Conflict, match="running already"):
        scenarios.run_and_wait(node, KEY, "s")
    a_scenario(node, "s", WELL, on_conflict="queue one")
    second = asking.ask(node, KEY, "s")
    assert second.state is RunState.QUEUED
    assert asking.ask(node, KEY, "s").state is RunState.CANCELLED
    assert scenarios.wait(node, first.id).outcome is Outcome.SUCCESS
    assert scenarios.wait(node, second.id).outcome is Outcome.SUCCESS


def test_edits_made_after_a_run_was_asked_for_do_not_reach_it(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("then", WELL))
    asked = asking.ask(node, KEY, "s")
    a_scenario(node, "s", named("now", WELL))
    assert list(steps(node, scenarios.wait(node, asked.id))) == ["then"]


# another worker ---------------------------------------------------------------------------------------------------


def claimed(node: Any, id: str) -> tuple[Any, Any]:
    token = lease.token(node)
    found = node.scenario_runs.claim(token, node.clock.now(), LEASE, run=id)
    return found, lease.Lease(node=node, run=id, owner=token)


def test_another_worker_goes_on_after_the_last_finished_step(tmp_path):
    node = a_stage(tmp_path)
    count = f"open({str(tmp_path / 'count')!r}, 'a').write('x')"
    sleepy = (
        f"import pathlib, time\nmark = pathlib.Path({str(tmp_path / 'mark')!r})\nfirst = not mark.exists()\n"
        "mark.touch()\nprint('asleep')\ntime.sleep(60 if first else 0)"
    )
    a_scenario(
        node, "s", named("a", {"type": "python", "code": count}), named("v", WELL),
        named("b", {"type": "python", "code": sleepy}),
        named("c", WELL, run_if={"condition": "x == 1 && stepOutcome_a == 'SUCCESS'"}),
    )  # fmt: skip
    first, held = claimed(node, asking.ask(node, KEY, "s").id)
    left = stepping.execute(node, first, held, watch=when("asleep", held.lost.set))
    assert left.state is RunState.RUNNING
    before = steps(node, left)
    assert (before["a"].state, before["b"].state) == ("DONE", "RUNNING")
    assert node.scenario_runs.requeue(first.id, held.owner)
    second, held = claimed(node, first.id)
    done = stepping.execute(node, second, held)
    assert (done.outcome, outcomes(node, done)["c"]) == (Outcome.SUCCESS, "SUCCESS")
    assert (tmp_path / "count").read_text() == "x"
    assert steps(node, done)["a"] == before["a"]
    assert "Another worker takes the run on" in scenarios.log(node, done.id)


def test_a_worker_that_shuts_down_begins_no_further_step(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("a", WELL), named("b", WELL))
    first, held = claimed(node, asking.ask(node, KEY, "s").id)

    def leave(event: Any) -> None:
        if event.what == "step" and event.state == "SUCCESS":
            held.leaving.set()

    left = stepping.execute(node, first, held, watch=leave)
    assert left.state is RunState.RUNNING
    assert list(steps(node, left)) == ["a"]


def test_a_run_aborted_while_nobody_had_it_ends_aborted_without_running_its_steps(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("a", WELL), named("b", WELL))
    first, held = claimed(node, asking.ask(node, KEY, "s").id)
    held.leaving.set()
    stepping.execute(node, first, held)
    assert scenarios.abort(node, first.id)
    node.scenario_runs.requeue(first.id, held.owner)
    done = scenarios.wait(node, first.id)
    assert (done.outcome, outcomes(node, done)) == (Outcome.ABORTED, {"a": "SKIPPED", "b": "SKIPPED"})


# identity ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A68")
def test_turning_the_switch_makes_its_author_whom_the_scenario_runs_as(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", WELL, author="importer")
    assert run(node, "s").run_as == "importer"
    scenarios.switch(node, KEY, "s", True, author="ben")
    (listed,) = scenarios.listing(node, KEY)
    assert (listed.active, listed.run_as, listed.changed_by) == (True, "ben", "ben")
    assert (node.clock.now() - listed.changed_at).total_seconds() < 60
    assert run(node, "s", by="ann").run_as == "ben"
    assert not scenarios.switch(node, KEY, "s", False, author="ann").active
    assert run(node, "s").run_as == "ann"


@pytest.mark.requirement("A69")
def test_only_an_administrator_says_as_whom_a_scenario_runs(tmp_path):
    node = a_stage(tmp_path)
    steps = [dict(WELL)]
    with pytest.raises(Refused, match="ben may not choose"):
        scenarios.save(node, KEY, "s", {"steps": steps, "run_as": "ann"}, author="ben")
    scenarios.save(node, KEY, "s", {"steps": steps, "run_as": "robot"}, author="ann")
    scenarios.save(node, KEY, "s", {"steps": [*steps, WELL], "run_as": "robot"}, author="ben")
    assert run(node, "s").run_as == "robot"


def test_what_is_wrong_with_a_file_is_told_before_who_saved_it(tmp_path):
    node = a_stage(tmp_path)
    file = node.projects.load(KEY).path / "scenarios" / "byhand.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text("steps: [{type: build, items: [nowhere]}]\n")
    (listed,) = scenarios.listing(node, KEY)
    assert "There is no object 'nowhere'" in listed.problem
    file.write_text("steps: []\n")
    (listed,) = scenarios.listing(node, KEY)
    assert "nobody is known to have saved it" in listed.problem


@pytest.mark.requirement("A69")
def test_a_scenario_nobody_can_run_says_why_and_others_are_unaffected(tmp_path):
    node = a_stage(tmp_path)
    users.add(node, "gone")
    users.disable(node, "gone")
    a_scenario(node, "a", WELL, author="gone")
    a_scenario(node, "b", WELL)
    with pytest.raises(Refused, match="gone, the last person who changed it, is disabled"):
        asking.ask(node, KEY, "a")
    found = {listed.name: listed for listed in scenarios.listing(node, KEY)}
    assert "disabled" in found["a"].problem
    assert (found["b"].problem, found["b"].run_as) == ("", "ann")
    assert run(node, "b").outcome is Outcome.SUCCESS


@pytest.mark.requirement("A69")
def test_whoever_takes_a_project_in_is_the_last_author_until_somebody_changes_the_scenario(tmp_path):
    there = a_stage(tmp_path / "there")
    a_scenario(there, "s", WELL, author="somebody else")
    node = a_node(tmp_path / "here")
    projects.add(node, there.projects.path(KEY), author="importer")
    assert run(node, "s").run_as == "importer"
    scenarios.switch(node, KEY, "s", True, author="ben")
    assert run(node, "s").run_as == "ben"


@pytest.mark.requirement("A69", "A100")
def test_a_run_as_that_came_without_an_administrator_does_not_count(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", WELL, author="ben", run_as="robot")
    with pytest.raises(Refused, match="cannot run as robot: ben, who chose that, is no administrator"):
        run(node, "s")
    (listed,) = scenarios.listing(node, KEY)
    assert "ben, who chose that" in listed.problem
    a_scenario(node, "s", WELL, author="ann", run_as="robot", active=True)
    a_scenario(node, "s", WELL, author="ben", run_as="robot", active=False)
    assert run(node, "s").run_as == "robot"
    a_scenario(node, "s", WELL, author="ben", run_as="ann")
    with pytest.raises(Refused, match="ben, who chose that"):
        run(node, "s")


def test_a_run_as_typed_here_by_the_owner_of_the_home_counts(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", WELL, author="ben")
    text = "run_as: robot\nsteps:\n  - {type: define_variables, values: {x: 1}}\n"
    (node.projects.load(KEY).path / "scenarios" / "s.yaml").write_text(text)
    assert scenarios.listing(node, KEY)[0].run_as == "robot"
    assert run(node, "s").run_as == "robot"


def test_a_scenario_that_was_never_saved_has_nobody_to_run_as(tmp_path):
    node = a_stage(tmp_path)
    folder = node.projects.path(KEY) / "scenarios"
    folder.mkdir()
    (folder / "s.yaml").write_text("steps: [{type: define_variables, values: {x: 1}}]\n")
    with pytest.raises(Refused, match="nobody is known to have saved it"):
        identity.run_as(node, node.projects.load(KEY), "s")
    assert asking.ask(node, KEY, "s").run_as == node.config.user
    assert node.projects.history(KEY)[0].message == "Edited by hand: scenarios/s.yaml"


# looking ----------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A91")
def test_the_last_successful_run_is_a_success_and_history_is_newest_first(tmp_path):
    node = a_stage(tmp_path, MANAGED)
    a_scenario(node, "s", {"type": "sql", "query": "SELECT count(*) FROM rows"})
    assert scenarios.last_successful(node, KEY, "s") is None
    fill(node, "rows", n=[1])
    good = run(node, "s")
    node.data.clear(KEY, "rows")
    bad = run(node, "s")
    assert [r.id for r in scenarios.history(node, KEY, "s")] == [bad.id, good.id]
    assert scenarios.last_successful(node, KEY, "s").id == good.id
    assert scenarios.show(node, bad.id).outcome is Outcome.FAILED
    with pytest.raises(NotFound, match="There is no scenario"):
        scenarios.history(node, KEY, "t")


def test_a_rehearsal_tells_which_steps_would_run(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(
        node, "s", named("checks", WELL),
        named("model", WELL, run_if="some prior step failed", reset_failure=True),
    )  # fmt: skip
    assert [(s.label, s.runs) for s in scenarios.dry_run(node, KEY, "s")] == [
        ("checks", True),
        ("model", False),
    ]
    end = scenarios.dry_run(node, KEY, "s", {"checks": "FAILED"})[-1]
    assert (end.runs, end.afterwards) == (True, Outcome.SUCCESS)
    with pytest.raises(NotFound, match="checks"):
        scenarios.dry_run(node, KEY, "s", {"chekcs": "FAILED"})


def test_a_watcher_hears_of_every_step(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", named("a", WELL), named("b", WELL, run_if="some prior step failed"))
    heard: list[tuple[str, str]] = []
    run(node, "s", watch=lambda e: heard.append((e.step, e.state)) if e.what == "step" else None)
    assert heard == [("a", "RUNNING"), ("a", "SUCCESS"), ("b", "SKIPPED")]


def test_saving_a_broken_scenario_names_file_line_and_field(tmp_path):
    node = a_stage(tmp_path)
    text = "steps:\n  - type: build\n    name: a\n    items: [nothing]\n"
    with pytest.raises(InvalidDefinition) as wrong:
        node.projects.save(KEY, {"scenarios/s.yaml": text}, author="ann", message="")
    assert (wrong.value.file, wrong.value.line, wrong.value.field) == (
        "scenarios/s.yaml",
        4,
        "steps.0.items.0",
    )


def test_a_message_in_the_middle_of_a_run_is_a_step_and_fails_it_when_it_cannot_be_sent(tmp_path):
    node = a_stage(tmp_path, MANAGED)
    tell = {"type": "send_message", "name": "tell", "reporter": {"type": "dataset", "dataset": "rows"}}
    a_scenario(node, "s", named("a", WELL), tell)
    done = run(node, "s")
    assert outcomes(node, done) == {"a": "SUCCESS", "tell": "SUCCESS"}
    assert [row["run"] for row in rows(node, "rows")] == [done.id]
    nobody = {
        "type": "send_message",
        "name": "tell",
        "reporter": {"type": "slack", "channel": "no_such_channel"},
    }
    a_scenario(node, "s", nobody)
    done = run(node, "s")
    assert done.outcome is Outcome.FAILED
    assert "no_such_channel" in done.message


def test_reporters_tell_of_the_end_and_never_change_it(tmp_path):
    node = a_stage(tmp_path, MANAGED)
    good = {"type": "dataset", "name": "good", "dataset": "rows", "when": "stepOutcome_a == 'SUCCESS'"}
    bad = {"type": "slack", "name": "bad", "channel": "no_such_channel"}
    quiet = {"type": "dataset", "name": "quiet", "dataset": "rows", "when": "outcome == 'FAILED'"}
    a_scenario(node, "s", named("a", WELL), reporters=[good, bad, quiet])
    done = run(node, "s")
    assert done.outcome is Outcome.SUCCESS
    assert {r["name"]: r["state"] for r in done.reports} == {
        "good": "sent", "bad": "failed", "quiet": "not asked for",
    }  # fmt: skip
    assert [row["outcome"] for row in rows(node, "rows")] == ["SUCCESS"]
    assert "no_such_channel" in scenarios.log(node, done.id)
