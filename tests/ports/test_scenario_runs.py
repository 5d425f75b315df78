"""What every queue of scenario runs keeps, whoever dies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import Invalid, NotFound
from penstock.core.outcome import Outcome
from penstock.core.ports import ScenarioRuns
from penstock.core.scenario import LEASE, RunState, ScenarioRun, StepRun
from penstock.core.trigger import TriggerState
from penstock.core.worker import Worker
from penstock.store.database import Database
from penstock.store.scenario_runs import SqlScenarioRuns

from .stores import NOON, at

HOUR = timedelta(hours=1)


@pytest.fixture
def runs(database: Database, tmp_path: Path) -> ScenarioRuns:
    return SqlScenarioRuns(database, tmp_path / "logs")


def a_run(id: str = "r1", **fields: Any) -> ScenarioRun:
    usual = {
        "project": "P", "scenario": "s", "definition": {"steps": [{"type": "sql"}]}, "state": RunState.QUEUED,
        "asked_at": NOON, "asked_by": "eva", "run_as": "eva",
    }  # fmt: skip
    return ScenarioRun(id=id, **{**usual, **fields})


def a_step(position: int = 0, **fields: Any) -> StepRun:
    usual = {"run": "r1", "label": f"Step {position}", "type": "sql", "state": "RUNNING", "why": "It runs."}
    return StepRun(position=position, **{**usual, **fields})


def a_state(trigger: str = "t", **fields: Any) -> TriggerState:
    return TriggerState(**{"project": "P", "scenario": "s", "trigger": trigger, "next_look": NOON, **fields})


def done(run: ScenarioRun, **fields: Any) -> ScenarioRun:
    return replace(run, **{"state": RunState.DONE, "outcome": Outcome.SUCCESS, "ended_at": at(9), **fields})


def claimed(runs: ScenarioRuns, owner: str = "w", **fields: Any) -> ScenarioRun:
    runs.ask(a_run(**fields))
    taken = runs.claim(owner, NOON, LEASE)
    assert taken is not None
    return taken


def at_once(work: Callable[[], object], times: int = 8) -> list[Any]:
    """Call something from many threads at the same moment."""
    ready, found = threading.Barrier(times), []

    def one() -> None:
        ready.wait()
        found.append(work())

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_run_comes_back_as_it_was_asked_for(runs: ScenarioRuns) -> None:
    run = a_run(
        params={"day": "monday"}, variables={"n": 1.5}, trigger="Weekly", trigger_type="time",
        reports=({"name": "mail", "sent": True},), parent="r0", parent_step="0/1",
    )  # fmt: skip
    assert runs.ask(run) == run
    assert runs.run("r1") == run
    assert runs.runs("P", "s") == [run]


def test_an_unknown_run_is_not_found(runs: ScenarioRuns) -> None:
    for ask in (lambda: runs.run("x"), lambda: runs.log_path("x"), lambda: runs.request_abort("x")):
        with pytest.raises(NotFound):
            ask()
    assert runs.abort_requested("x") is False
    assert runs.steps("x") == []


def test_an_id_that_is_taken_gets_something_behind_it(runs: ScenarioRuns) -> None:
    first, second = runs.ask(a_run()), runs.ask(a_run(scenario="other"))
    assert first.id == "r1"
    assert second.id.startswith("r1-")
    assert runs.run(second.id) == second


@pytest.mark.requirement("A81")
def test_a_run_asked_for_during_a_run_is_cancelled_and_says_which_was_going_on(runs: ScenarioRuns) -> None:
    claimed(runs)
    second = runs.ask(a_run("r2"))
    assert second.state is RunState.CANCELLED
    assert second.message == "Run r1 was going on."
    assert runs.run("r2") == second
    assert runs.claim("v", NOON, LEASE) is None


@pytest.mark.requirement("A81")
def test_one_run_waits_in_line_if_the_scenario_says_so_and_begins_when_the_first_has_ended(
    runs: ScenarioRuns,
) -> None:
    first = claimed(runs)
    waiting, third = (runs.ask(a_run(id), on_conflict="queue one") for id in ("r2", "r3"))
    assert (waiting.state, third.state) == (RunState.QUEUED, RunState.CANCELLED)
    assert third.message == "Run r2 was waiting."
    assert runs.claim("v", NOON, LEASE) is None
    assert runs.save(done(first), owner="w")
    taken = runs.claim("v", NOON, LEASE)
    assert taken is not None
    assert taken.id == "r2"
    assert runs.ask(a_run("r4"), on_conflict="queue one").state is RunState.QUEUED


@pytest.mark.requirement("A81")
def test_of_many_who_ask_at_once_one_gets_the_run_and_one_may_wait(runs: ScenarioRuns) -> None:
    states = [run.state for run in at_once(lambda: runs.ask(a_run(), on_conflict="queue one"))]
    assert sorted(states) == ["CANCELLED"] * 6 + ["QUEUED"] * 2
    assert len({run.id for run in runs.runs()}) == 8


def test_scenarios_of_the_same_name_in_two_projects_do_not_hinder_each_other(runs: ScenarioRuns) -> None:
    runs.ask(a_run())
    assert runs.ask(a_run("r2", project="Q")).state is RunState.QUEUED


def test_the_oldest_queued_run_is_claimed_first_and_says_who_has_it(runs: ScenarioRuns) -> None:
    runs.ask(a_run("late", scenario="a", asked_at=at(5)))
    runs.ask(a_run("early", scenario="b", asked_at=at(1)))
    first = runs.claim("w", at(7), LEASE)
    assert first is not None
    assert (first.id, first.state, first.owner, first.started_at) == ("early", RunState.RUNNING, "w", at(7))
    assert first.lease_until == at(7) + LEASE
    assert runs.run("early") == first
    second = runs.claim("w", at(8), LEASE)
    assert second is not None
    assert second.id == "late"
    assert runs.claim("w", at(9), LEASE) is None


def test_a_run_can_be_claimed_by_name(runs: ScenarioRuns) -> None:
    runs.ask(a_run("r1", scenario="a"))
    runs.ask(a_run("r2", scenario="b"))
    taken = runs.claim("w", NOON, LEASE, run="r2")
    assert taken is not None
    assert taken.id == "r2"
    assert runs.claim("v", NOON, LEASE, run="r2") is None


def test_exactly_one_of_many_claims_a_run(runs: ScenarioRuns) -> None:
    runs.ask(a_run())
    assert sum(run is not None for run in at_once(lambda: runs.claim("w", NOON, LEASE))) == 1


def test_no_clock_takes_a_run_away_from_its_worker(runs: ScenarioRuns) -> None:
    claimed(runs)
    for now in (NOON + 9000 * HOUR, NOON - 9000 * HOUR):
        assert runs.claim("v", now, LEASE) is None
    assert runs.heartbeat("r1", "w", NOON + LEASE)


def test_a_heartbeat_counts_for_every_run_of_its_owner(runs: ScenarioRuns) -> None:
    parent = claimed(runs)
    runs.ask(a_run("child", scenario="c", parent="r1", parent_step="0/1"))
    child = runs.claim("w", NOON, LEASE, run="child")
    assert child is not None
    assert runs.heartbeat("r1", "w", at(5))
    assert [runs.run(r.id).beats for r in (parent, child)] == [parent.beats + 1, child.beats + 1]
    assert runs.run("child").lease_until == at(5)
    assert runs.heartbeat("r1", "somebody", at(6)) is False
    assert runs.heartbeat("gone", "w", at(6)) is False


def test_a_run_whose_worker_fell_silent_goes_back_on_the_queue_with_its_steps(runs: ScenarioRuns) -> None:
    silent = claimed(runs)
    runs.save_step(a_step(), owner="w")
    assert runs.requeue("r1", "w", beats=silent.beats)
    assert runs.run("r1").state is RunState.QUEUED
    again = runs.claim("v", at(9), LEASE)
    assert again is not None
    assert (again.started_at, again.owner) == (silent.started_at, "v")
    assert again.beats > silent.beats
    assert len(runs.steps("r1")) == 1


def test_a_sign_of_life_keeps_a_run_where_it_is(runs: ScenarioRuns) -> None:
    seen = claimed(runs)
    runs.heartbeat("r1", "w", NOON + LEASE)
    assert runs.requeue("r1", "w", beats=seen.beats) is False
    assert runs.requeue("r1", "somebody") is False
    assert runs.run("r1").owner == "w"


def test_taking_a_run_on_counts_until_a_step_of_it_ends_and_handing_back_does_not(runs: ScenarioRuns) -> None:
    def takes(lost: bool) -> int:
        taken = runs.claim("w", NOON, LEASE)
        assert taken is not None
        runs.requeue("r1", "w", beats=taken.beats) if lost else runs.requeue("r1", "w")
        return taken.takes

    runs.ask(a_run())
    assert [takes(lost) for lost in (True, True, False, True)] == [1, 2, 3, 3]
    runs.claim("w", NOON, LEASE)
    runs.save_step(a_step(), owner="w")
    assert runs.run("r1").takes == 4
    runs.save_step(a_step(state="DONE"), owner="w")
    assert runs.run("r1").takes == 0


def test_a_run_that_was_handed_back_keeps_its_scenario_to_itself(runs: ScenarioRuns) -> None:
    claimed(runs)
    assert runs.requeue("r1", "w")
    assert runs.ask(a_run("r2")).state is RunState.CANCELLED


def test_a_worker_that_lost_its_run_writes_nothing(runs: ScenarioRuns) -> None:
    old = claimed(runs)
    runs.save_step(a_step(), owner="w")
    runs.requeue("r1", "w")
    runs.claim("v", NOON, LEASE)
    assert runs.heartbeat("r1", "w", NOON) is False
    assert runs.save(done(old), owner="w") is False
    assert runs.save_step(a_step(state="DONE"), owner="w") is False
    assert runs.requeue("r1", "w") is False
    assert (runs.run("r1").state, runs.steps("r1")) == (RunState.RUNNING, [a_step()])


def test_saving_leaves_lease_definition_and_the_request_to_stop_alone(runs: ScenarioRuns) -> None:
    old = claimed(runs)
    runs.heartbeat("r1", "w", at(50))
    runs.request_abort("r1")
    assert runs.save(replace(old, variables={"a": [1]}, message="half", definition={}), owner="w")
    now = runs.run("r1")
    assert (now.variables, now.message) == ({"a": [1]}, "half")
    assert (now.lease_until, now.beats, now.abort_requested) == (at(50), old.beats + 1, True)
    assert now.definition == old.definition


def test_a_run_that_ended_is_nobodys_and_frees_its_scenario(runs: ScenarioRuns) -> None:
    run = claimed(runs)
    assert runs.save(done(run), owner="w")
    ended = runs.run("r1")
    assert (ended.owner, ended.lease_until, ended.outcome) == ("", None, Outcome.SUCCESS)
    assert runs.save(replace(ended, outcome=Outcome.FAILED), owner="w") is False
    assert runs.ask(a_run("r2")).state is RunState.QUEUED


def test_what_nobody_holds_may_be_written_without_an_owner(runs: ScenarioRuns) -> None:
    run = claimed(runs)
    assert runs.save(replace(run, message="mine"), owner="") is False
    runs.save(done(run), owner="w")
    assert runs.save(replace(runs.run("r1"), reports=({"name": "mail"},)))
    assert runs.run("r1").reports == ({"name": "mail"},)


def test_a_missed_slot_is_kept_to_be_seen(runs: ScenarioRuns) -> None:
    missed = a_run(state=RunState.MISSED, message="Nobody was there.", ended_at=NOON)
    assert runs.save(missed)
    assert runs.run("r1") == missed
    assert runs.save(a_run("r2")) is False
    assert runs.ask(a_run("r3")).state is RunState.QUEUED


def test_a_step_is_overwritten_while_it_runs_and_never_afterwards(runs: ScenarioRuns) -> None:
    claimed(runs)
    ended = a_step(state="DONE", attempts=2, outcome=Outcome.WARNING, output={"rows": [[1]]}, jobs=("j",))
    assert runs.save_step(a_step(attempts=1), owner="w")
    assert runs.save_step(a_step(attempts=2), owner="w")
    assert runs.save_step(ended, owner="w")
    assert runs.save_step(a_step(attempts=3), owner="w") is False
    assert runs.save_step(a_step(1, state="SKIPPED"), owner="w")
    assert runs.save_step(a_step(1), owner="w") is False
    assert runs.steps("r1") == [ended, a_step(1, state="SKIPPED")]


def test_steps_come_by_position_then_part(runs: ScenarioRuns) -> None:
    claimed(runs)
    order = [(1, 0), (0, 2), (0, 0), (0, 1)]
    for position, part in order:
        runs.save_step(a_step(position, part=part), owner="w")
    assert [(s.position, s.part) for s in runs.steps("r1")] == sorted(order)


def test_a_step_is_only_written_by_who_holds_its_run(runs: ScenarioRuns) -> None:
    runs.ask(a_run())
    assert runs.save_step(a_step(), owner="w") is False
    assert runs.save_step(a_step(run="unknown"), owner="w") is False
    assert runs.save_step(a_step(), owner="") is False
    assert runs.steps("r1") == []


def test_what_json_cannot_say_is_refused_by_name(runs: ScenarioRuns) -> None:
    claimed(runs)
    with pytest.raises(Invalid, match="step Step 0"):
        runs.save_step(a_step(output=object()), owner="w")
    assert runs.save_step(a_step(output=[float("nan")]), owner="w")
    assert runs.steps("r1")[0].output == [None]


def test_a_step_that_asks_for_its_child_again_gets_the_same_run(runs: ScenarioRuns) -> None:
    child = runs.ask(a_run("c1", scenario="c", parent="r1", parent_step="0/1"))
    assert runs.ask(a_run("c2", scenario="c", parent="r1", parent_step="0/1")) == child
    assert runs.ask(a_run("c3", scenario="c", parent="r1", parent_step="0/2")).state is RunState.CANCELLED


def test_history_is_newest_first_and_can_be_asked_by_state_and_time(runs: ScenarioRuns) -> None:
    for n in range(4):
        claimed(runs, id=f"r{n}", scenario=f"s{n % 2}", asked_at=at(n), owner=f"w{n}")
        if n < 2:
            runs.save(done(runs.run(f"r{n}"), ended_at=at(100 - n)), owner=f"w{n}")
    runs.save(a_run("m", scenario="s0", state=RunState.MISSED, asked_at=at(9)))

    def ids(*where: str, **how: Any) -> str:
        return " ".join(r.id for r in runs.runs(*where, **how))

    assert ids() == "m r3 r2 r1 r0"
    assert ids("P", "s0") == "m r2 r0"
    assert ids("Q") == ""
    assert ids(finished=True) == "r1 r0"
    assert ids(finished=False) == "r3 r2"
    assert ids(finished=True, since=at(100)) == "r0"
    assert ids(since=at(2)) == "m r3 r2"
    assert ids(limit=2, offset=1) == "r3 r2"
    assert ids(limit=0) == ids()


@pytest.mark.requirement("A90")
def test_a_run_that_goes_on_is_asked_to_stop_and_an_ended_one_is_left_alone(runs: ScenarioRuns) -> None:
    run = claimed(runs)
    assert runs.request_abort("r1")
    assert runs.abort_requested("r1")
    assert runs.run("r1").state is RunState.RUNNING
    runs.save(done(run), owner="w")
    assert runs.request_abort("r1") is False


@pytest.mark.requirement("A90")
def test_a_run_that_never_began_is_cancelled_on_the_spot_and_the_next_one_moves_up(
    runs: ScenarioRuns,
) -> None:
    runs.ask(a_run())
    runs.ask(a_run("r2"), on_conflict="queue one")
    assert runs.request_abort("r1")
    stopped = runs.run("r1")
    assert (stopped.state, stopped.outcome) == (RunState.CANCELLED, Outcome.ABORTED)
    taken = runs.claim("w", NOON, LEASE)
    assert taken is not None
    assert taken.id == "r2"


def test_a_run_that_began_and_waits_for_a_worker_is_stopped_by_the_next_one(runs: ScenarioRuns) -> None:
    claimed(runs)
    runs.requeue("r1", "w")
    assert runs.request_abort("r1")
    again = runs.claim("v", NOON, LEASE)
    assert again is not None
    assert again.abort_requested


def test_a_trigger_state_comes_back_as_it_was_and_counts_its_versions(runs: ScenarioRuns) -> None:
    state = a_state(
        memory={"print": ["a", 1]}, last_fired=at(3), pending_since=at(4), error="oops", definition="d"
    )
    assert runs.save_trigger(state)
    assert runs.trigger_states("P", "s") == [replace(state, version=1)]
    assert runs.save_trigger(replace(state, version=1, memory=None))
    assert runs.trigger_states() == [replace(state, version=2, memory=None)]


def test_of_two_who_change_a_trigger_state_the_second_is_told(runs: ScenarioRuns) -> None:
    assert runs.save_trigger(a_state())
    assert runs.save_trigger(a_state()) is False
    assert runs.save_trigger(a_state(version=1, error="first"))
    assert runs.save_trigger(a_state(version=1, error="second")) is False
    assert runs.trigger_states()[0].error == "first"


def test_due_triggers_are_those_whose_moment_has_come_the_most_overdue_first(runs: ScenarioRuns) -> None:
    for name, moment in {"b": at(2), "a": at(1), "later": at(9), "never": None}.items():
        runs.save_trigger(a_state(name, next_look=moment))
    assert [s.trigger for s in runs.due_triggers(at(2))] == ["a", "b"]
    assert [s.trigger for s in runs.due_triggers(at(9), limit=1)] == ["a"]


def test_triggers_that_are_gone_are_forgotten(runs: ScenarioRuns) -> None:
    for name in "abc":
        runs.save_trigger(a_state(name))
    runs.save_trigger(a_state("a", scenario="other"))
    runs.forget_triggers("P", "s", keep=["b"])
    assert [(s.scenario, s.trigger) for s in runs.trigger_states()] == [("other", "a"), ("s", "b")]
    runs.forget_triggers("P", "s")
    assert [s.scenario for s in runs.trigger_states()] == ["other"]


def test_a_firing_writes_the_state_and_the_run_or_neither(runs: ScenarioRuns) -> None:
    fired = runs.fire(a_state(last_fired=NOON), a_run())
    assert fired == a_run()
    assert runs.trigger_states()[0].version == 1
    assert runs.fire(a_state(last_fired=NOON), a_run("r2")) is None
    assert runs.fire(a_state(version=7), a_run("r2")) is None
    assert [r.id for r in runs.runs()] == ["r1"]
    conflict = runs.fire(a_state(version=1), a_run("r2"))
    assert conflict is not None
    assert conflict.state is RunState.CANCELLED
    assert runs.trigger_states()[0].version == 2


@pytest.mark.parametrize("version", [0, 1])
def test_a_due_trigger_fires_once_however_many_saw_it(runs: ScenarioRuns, version: int) -> None:
    if version:
        runs.save_trigger(a_state())
    fired = at_once(lambda: runs.fire(a_state(version=version), a_run()))
    assert sum(run is not None for run in fired) == 1
    assert len(runs.runs()) == 1


def test_workers_sign_in_one_row_and_sign_off(runs: ScenarioRuns) -> None:
    worker = Worker(id="host:1:2", started_at=NOON, seen_at=NOON, lanes=4)
    runs.sign(worker)
    runs.sign(replace(worker, seen_at=at(9)))
    runs.sign(replace(worker, id="other", started_at=at(1)))
    assert runs.workers() == [replace(worker, seen_at=at(9)), replace(worker, id="other", started_at=at(1))]
    runs.sign_off("other")
    assert [w.id for w in runs.workers()] == ["host:1:2"]


def test_logs_lie_apart_by_run_and_step(runs: ScenarioRuns) -> None:
    runs.ask(a_run())
    own, step = runs.log_path("r1"), runs.log_path("r1", "2.1")
    step.write_text("hello")
    assert own.parent == step.parent
    assert step.parts[-4:] == ("P", "scenarios", "r1", "2.1.log")
    assert own != step


def test_old_runs_go_with_their_steps_and_logs_and_what_runs_stays(runs: ScenarioRuns) -> None:
    for n in range(4):
        run = claimed(runs, id=f"r{n}", asked_at=NOON - n * HOUR, owner=f"w{n}")
        runs.save_step(a_step(run=f"r{n}"), owner=f"w{n}")
        runs.log_path(f"r{n}").write_text("log")
        runs.save(done(run), owner=f"w{n}")
        runs.save(a_run(f"m{n}", state=RunState.MISSED, asked_at=NOON - n * HOUR))
    claimed(runs, id="going on", scenario="t", asked_at=NOON - 99 * HOUR)
    log = runs.log_path("r3")
    assert runs.prune(now=NOON, kept=3, days=1) == 2
    assert {r.id for r in runs.runs()} == {"r0", "r1", "r2", "m0", "m1", "m2", "going on"}
    assert runs.steps("r3") == []
    assert not log.parent.exists()
    assert runs.prune(now=NOON + timedelta(days=1) - 1.5 * HOUR, kept=99, days=1) == 2
    assert "going on" in {r.id for r in runs.runs()}


def test_history_and_triggers_follow_a_renamed_scenario_and_go_with_their_project(runs: ScenarioRuns) -> None:
    for project in ("P", "Q"):
        runs.ask(a_run(project, project=project))
        runs.save_trigger(a_state(project=project))
    log = runs.log_path("P")
    runs.move("P", "s", "new")
    assert [r.scenario for r in runs.runs("P")] == ["new"]
    assert [s.scenario for s in runs.trigger_states("P")] == ["new"]
    runs.delete_project("P")
    assert [r.id for r in runs.runs()] == ["Q"]
    assert [s.project for s in runs.trigger_states()] == ["Q"]
    assert not log.parent.exists()
