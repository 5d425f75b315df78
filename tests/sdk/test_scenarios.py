"""Scenarios from a notebook or a program."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from penstock.core.errors import Aborted, Conflict, NotFound, RunFailed
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState
from penstock.sdk.scenarios import Scenario

from ..cli.bank import Bank


def scenario(auto: Bank, name: str) -> Scenario:
    return auto.node.project("AUTO").scenario(name)


@pytest.mark.requirement("A91")
def test_a_run_is_known_by_its_id_as_soon_as_it_is_asked_for(auto: Bank) -> None:
    mend = scenario(auto, "mend")
    run = mend.run(wait=False)
    assert run.running
    assert run.outcome is None
    assert [r.id for r in mend.last_runs()] == [run.id]
    current = mend.current_run()
    assert current is not None
    assert current.id == run.id
    assert run.wait().outcome is Outcome.SUCCESS
    assert mend.current_run() is None
    assert mend.wait() is None
    assert auto.node.project("AUTO").scenario_run(run.id).outcome is Outcome.SUCCESS
    with pytest.raises(NotFound, match="Did you mean mend"):
        auto.node.project("AUTO").scenario("mnd")


@pytest.mark.requirement("A91")
def test_waiting_tells_success_warning_failed_and_aborted_apart(auto: Bank) -> None:
    assert scenario(auto, "mend").run().outcome is Outcome.SUCCESS
    assert scenario(auto, "mend").run(fail_on="WARNING").outcome is Outcome.SUCCESS
    assert scenario(auto, "warn").run().outcome is Outcome.WARNING
    with pytest.raises(RunFailed, match="ended WARNING"):
        scenario(auto, "warn").run(fail_on="WARNING")
    with pytest.raises(RunFailed, match=r"ended FAILED.*penstock scenario log"):
        scenario(auto, "fail").run()
    assert scenario(auto, "fail").run(fail_on="").outcome is Outcome.FAILED


@pytest.mark.requirement("A90", "A91")
def test_waiting_for_an_aborted_run_raises_and_aborting_an_idle_scenario_does_nothing(auto: Bank) -> None:
    sleep = scenario(auto, "sleep")
    assert sleep.abort() is False
    assert sleep.last_runs() == []
    run = sleep.run(wait=False)
    begun = threading.Event()
    stopper = threading.Thread(target=lambda: begun.wait(60) and sleep.abort())
    stopper.start()
    with pytest.raises(Aborted):
        run.wait(watch=lambda event: begun.set() if "asleep" in event.message else None)
    stopper.join()
    assert run.refresh().outcome is Outcome.ABORTED
    assert {s.label: s.outcome for s in run.steps()} == {"Sleep": Outcome.ABORTED, "Tidy up": Outcome.SUCCESS}
    assert run.abort() is False


@pytest.mark.requirement("A91")
def test_the_last_successful_run_was_really_successful(auto: Bank) -> None:
    project = auto.node.project("AUTO")
    rule = (
        "type: inline\nrows: [{n: 1}]\nrules:\n  - {type: record_count_in_range, %s: %d, auto_run: false}\n"
    )
    few, warn = project.definitions().path / "flow/datasets/few.yaml", project.scenario("warn")
    assert warn.last_successful_run() is None
    assert warn.average_duration() is None
    good = []
    for bound, number in (("minimum", 1), ("soft_minimum", 5), ("minimum", 5)):
        few.write_text(rule % (bound, number))
        run = warn.run(fail_on="")
        good += [run] if run.outcome is Outcome.SUCCESS else []
    assert [r.outcome for r in warn.last_runs()] == [Outcome.FAILED, Outcome.WARNING, Outcome.SUCCESS]
    last = warn.last_successful_run()
    assert last is not None
    assert [last.id] == [run.id for run in good]
    assert warn.average_duration() == last.duration
    assert last.duration is not None
    assert last.duration > timedelta()


@pytest.mark.requirement("A91")
def test_last_runs_are_limited_and_may_be_only_those_that_came_to_an_end(auto: Bank) -> None:
    greet = scenario(auto, "greet")
    ids = [greet.run({"who": n}).id for n in range(3)]
    auto.rest()
    greet.run({"who": "waiting"}, wait=False)
    with pytest.raises(Conflict, match="running already"):
        greet.run({"who": "too many"})
    assert [r.state for r in greet.last_runs(2)] == [RunState.CANCELLED, RunState.QUEUED]
    assert [r.id for r in greet.last_runs(2, finished=True)] == ids[:0:-1]
    assert [r.record.params["who"] for r in greet.last_runs(finished=False)] == ["waiting"]


@pytest.mark.requirement("A91")
def test_the_log_of_a_step_is_found_by_its_name_and_by_its_key(auto: Bank) -> None:
    run = scenario(auto, "mend").run()
    steps = run.steps()
    assert [s.key for s in steps] == ["0", "1", "2", "3"]
    assert run.log("Judge") == run.log("1")
    assert "ERROR" in run.log("Judge")
    assert run.log("Judge") != run.log("Build")
    assert "".join(run.follow()) == run.log()
    assert steps[0].jobs
    assert not steps[1].jobs
    with pytest.raises(NotFound, match="Did you mean Judge"):
        run.log("Jugde")


def test_a_worker_elsewhere_may_do_the_run_that_a_program_waits_for(auto: Bank) -> None:
    run = scenario(auto, "mend").run(wait=False)
    told: list[str] = []
    worker = threading.Thread(
        target=lambda: auto.node.work(until_idle=True, tell=lambda r: told.append(str(r.outcome or r.state)))
    )
    worker.start()
    assert run.wait(work=False).outcome is Outcome.SUCCESS
    worker.join()
    assert told == ["RUNNING", "SUCCESS"]


def test_switch_triggers_and_rehearsal_are_there_too(auto: Bank) -> None:
    greet = scenario(auto, "greet")
    greet.switch(True)
    assert greet.definition().active
    assert [(t.trigger, t.active) for t in greet.triggers()] == [("Mondays", True), ("time", False)]
    [listed] = [s for s in auto.node.project("AUTO").scenarios() if s.name == "greet"]
    assert [slot.at for slot in greet.next_runs(1)] == [listed.next_run]
    run = greet.fire("Mondays", {"who": "Ann"})
    assert run.wait().record.trigger == "Mondays"
    assert greet.saves()[0].message == "Turn scenario greet on"
    rehearsed = scenario(auto, "mend").dry_run({"Judge": "FAILED"})
    assert [r.runs for r in rehearsed] == [True, True, True, False]


def test_channels_and_secrets_of_a_home(auto: Bank) -> None:
    home = auto.node
    home.secrets.put("hook", "hunter22")
    home.channels.set("chat", {"type": "webhook", "url": "secret:hook"})
    home.channels.set("other", {"type": "webhook", "url": "secret:nothing"})
    assert [(c.name, c.missing_secrets) for c in home.channels.list()] == [
        ("chat", ()),
        ("other", ("nothing",)),
    ]
    assert "hunter22" not in str(home.channels.show("chat"))
    home.channels.remove("other")
    home.secrets.remove("hook")
    assert [c.missing_secrets for c in home.channels.list()] == [("hook",)]
    assert home.secrets.names() == []
    assert home.status().problem == ""
