"""What starts scenarios by themselves: on a real node, with a clock that tests set."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, NotFound
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState, ScenarioRun
from penstock.core.trigger import Upcoming
from penstock.runtime import scenarios, triggers, users, worker
from penstock.runtime.triggers import Ticker, tick
from penstock.store.clock import SystemClock
from penstock.testing import KEY, a_node, a_project, fill
from tests.servers import Postgres, warehouse

MONDAY = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
"""An hour before the slot of the weekly trigger, in UTC."""
WEEKLY = {"type": "time", "name": "Weekly", "every": "1 week", "on": ["monday"], "at": "07:00", "zone": "UTC"}
WEEK, DAY, HOUR, MINUTE = timedelta(days=7), timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@dataclass
class SetClock(SystemClock):
    """A clock that stands still until it is set."""

    moment: datetime = field(default=MONDAY)

    def now(self) -> datetime:
        return self.moment


class Stage:
    """A node, one project, and a clock; scenarios are written, time passes, ticks happen."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = SetClock()
        self.node: Node = replace(a_node(folder, **settings), clock=self.clock)
        a_project(self.node)

    def write(self, name: str = "s", *found: Mapping[str, Any], author: str = "ann", **settings: Any) -> None:
        import json

        scenario = {"active": True, "triggers": list(found), **settings}
        self.node.projects.save(
            KEY, {f"scenarios/{name}.yaml": json.dumps(scenario)}, author=author, message="Write a scenario"
        )

    def at(self, moment: datetime | timedelta) -> list[ScenarioRun]:
        """Set the clock, or let so much time pass, and tick."""
        self.clock.moment = moment if isinstance(moment, datetime) else self.clock.moment + moment
        return tick(self.node)

    def history(self, scenario: str = "s") -> list[ScenarioRun]:
        return self.node.scenario_runs.runs(KEY, scenario, limit=0)

    def done(self, run: ScenarioRun, outcome: Outcome = Outcome.SUCCESS) -> None:
        """A worker takes the run and ends it."""
        taken = self.node.scenario_runs.claim("w", self.clock.now(), LEASE, run=run.id)
        assert taken is not None
        ended = replace(taken, state=RunState.DONE, outcome=outcome, ended_at=self.clock.now())
        assert self.node.scenario_runs.save(ended, owner="w")

    def ran(self, scenario: str, outcome: Outcome = Outcome.SUCCESS) -> ScenarioRun:
        """A whole run of a scenario, by hand."""
        run = triggers.fire(self.node, KEY, scenario)
        self.done(run, outcome)
        return run

    def shown(self, scenario: str = "s") -> Upcoming:
        return next(u for u in triggers.next_runs(self.node, KEY) if u.scenario == scenario)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


# time -----------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A75")
def test_a_weekly_trigger_fires_once_a_week_and_shows_its_next_run(stage: Stage) -> None:
    stage.write("s", WEEKLY)
    assert stage.at(MONDAY) == []
    assert stage.shown().next_run == MONDAY + HOUR
    (run,) = stage.at(MONDAY + HOUR)
    assert (run.state, run.trigger, run.trigger_type) == (RunState.QUEUED, "Weekly", "time")
    assert run.params == {"slot": "2026-01-05T07:00:00+00:00"}
    assert stage.at(MINUTE) == []
    assert stage.shown().next_run == MONDAY + HOUR + WEEK
    stage.done(run)
    assert [len(stage.at(DAY)) for _ in range(6)] == [0] * 6
    assert len(stage.at(MONDAY + HOUR + WEEK)) == 1


def test_triggers_without_a_name_are_told_apart(stage: Stage) -> None:
    hourly = {"type": "time", "every": "1 hour", "zone": "UTC"}
    stage.write("s", hourly, {**hourly, "name": "time #2"}, hourly, on_conflict="queue one")
    stage.at(MONDAY)
    stage.at(MONDAY + HOUR)
    assert {run.trigger for run in stage.history()} == {"time", "time #2", "time #3"}


@pytest.mark.requirement("A75")
def test_a_trigger_or_a_scenario_that_is_off_never_fires(stage: Stage) -> None:
    stage.write("off", WEEKLY, active=False)
    stage.write("s", {**WEEKLY, "active": False})
    assert stage.at(MONDAY) + stage.at(MONDAY + HOUR) == []
    assert stage.node.scenario_runs.trigger_states() == []
    assert [(u.active, u.next_run) for u in triggers.next_runs(stage.node, KEY)] == [(False, None)] * 2


@pytest.mark.requirement("A75")
def test_a_trigger_switched_off_after_it_was_noticed_does_not_fire(stage: Stage) -> None:
    stage.write("s", WEEKLY)
    stage.at(MONDAY)
    scenarios.switch(stage.node, KEY, "s", False, author="ann")
    assert stage.at(MONDAY + HOUR) == []
    scenarios.switch(stage.node, KEY, "s", True, author="ann")
    assert stage.at(MONDAY + HOUR + MINUTE) == []
    assert stage.history() == [], "nothing is missed while it is off"


def test_no_trigger_is_looked_at_on_a_node_that_has_them_switched_off(tmp_path: Path) -> None:
    stage = Stage(tmp_path, triggers_enabled=False)
    stage.write("s", WEEKLY)
    assert stage.at(MONDAY) + stage.at(MONDAY + HOUR) == []
    assert not stage.shown().active


def test_a_trigger_that_is_changed_by_hand_is_read_again_before_it_fires(stage: Stage) -> None:
    stage.write("s", WEEKLY)
    ticker = Ticker(lookers=None)
    ticker(stage.node, MONDAY)
    file = stage.node.projects.path(KEY) / "scenarios/s.yaml"
    file.write_text(file.read_text().replace("07:00", "09:00"))
    assert ticker(stage.node, MONDAY + HOUR) == []
    assert len(ticker(stage.node, MONDAY + 3 * HOUR)) == 1


@pytest.mark.requirement("A82")
def test_a_slot_that_passed_while_nobody_was_there_is_skipped_and_visible(stage: Stage) -> None:
    stage.write("s", WEEKLY)
    stage.at(MONDAY)
    assert stage.at(MONDAY + 5 * HOUR) == []
    (missed,) = stage.history()
    assert (missed.state, missed.trigger, missed.asked_at) == (RunState.MISSED, "Weekly", MONDAY + HOUR)
    assert missed.message == "The time 2026-01-05 07:00 UTC passed while no worker looked at triggers."
    assert len(stage.at(MONDAY + HOUR + WEEK)) == 1


@pytest.mark.requirement("A82")
@pytest.mark.parametrize(
    ("catch_up", "late", "fires"),
    [
        ("skip", timedelta(seconds=50), True), ("skip", 2 * MINUTE, False), ("once", 2 * WEEK, True),
        (3600, timedelta(minutes=59), True), (3600, timedelta(minutes=61), False), (0, timedelta(seconds=50), True),
    ],
)  # fmt: skip
def test_the_catch_up_policy_of_the_trigger_decides_about_a_late_slot(
    stage: Stage, catch_up: str | int, late: timedelta, fires: bool
) -> None:
    stage.write("s", {**WEEKLY, "catch_up": catch_up})
    stage.at(MONDAY)
    assert bool(stage.at(MONDAY + HOUR + late)) is fires
    assert [run.state for run in stage.history()] == [RunState.QUEUED if fires else RunState.MISSED]


@pytest.mark.requirement("A82")
def test_many_missed_slots_are_one_line_and_the_one_that_is_on_time_still_fires(stage: Stage) -> None:
    stage.write("s", {"type": "time", "every": "1 hour", "zone": "UTC"})
    stage.at(MONDAY)
    (run,) = stage.at(MONDAY + 4 * HOUR)
    assert run.params["slot"] == "2026-01-05T10:00:00+00:00"
    (missed,) = [r for r in stage.history() if r.state is RunState.MISSED]
    assert missed.message.startswith(
        "3 times passed while no worker looked at triggers, from 2026-01-05 07:00 to"
    )


@pytest.mark.requirement("A82")
def test_catching_up_once_runs_once_however_much_was_missed(stage: Stage) -> None:
    stage.write("s", {"type": "time", "every": "1 day", "zone": "UTC", "catch_up": "once"})
    stage.at(MONDAY)
    assert len(stage.at(5 * DAY)) == 1
    assert [run.state for run in stage.history()] == [RunState.QUEUED]


@pytest.mark.requirement("A76")
def test_a_start_date_in_the_future_is_waited_for(stage: Stage) -> None:
    stage.write("s", {"type": "time", "every": "1 day", "at": "07:00", "zone": "UTC", "start": "2026-01-08"})
    assert [len(stage.at(MONDAY + HOUR + n * DAY)) for n in range(4)] == [0, 0, 0, 1]


@pytest.mark.requirement("A76")
def test_the_clock_change_in_autumn_fires_a_daily_trigger_once(stage: Stage) -> None:
    stage.write("s", {"type": "time", "every": "1 day", "at": "02:30", "zone": "Europe/Paris"})
    stage.clock.moment = datetime(2026, 10, 24, 12, tzinfo=UTC)
    fired = [run.asked_at for n in range(72 * 2) for run in _ended(stage, stage.at(timedelta(minutes=30)))]
    assert fired == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 27, 1, 30, tzinfo=UTC),
    ]  # fmt: skip


def _ended(stage: Stage, runs: list[ScenarioRun]) -> list[ScenarioRun]:
    for run in runs:
        stage.done(run)
    return runs


def test_a_clock_that_is_set_back_fires_no_slot_twice(stage: Stage) -> None:
    stage.write("s", {"type": "time", "every": "1 hour", "zone": "UTC"})
    stage.at(MONDAY)
    assert len(_ended(stage, stage.at(MONDAY + HOUR)) + _ended(stage, stage.at(MONDAY + 2 * HOUR))) == 2
    assert [len(stage.at(MONDAY + minutes * MINUTE)) for minutes in (30, 60, 90, 120, 150)] == [0] * 5
    assert len(stage.at(MONDAY + 3 * HOUR)) == 1


def test_a_clock_that_went_ahead_and_came_back_misses_nothing(stage: Stage) -> None:
    stage.write("s", WEEKLY)
    stage.at(MONDAY)
    assert stage.at(MONDAY + 52 * WEEK) == []
    assert stage.at(MONDAY) == []
    assert len(stage.at(MONDAY + HOUR)) == 1


def test_the_words_of_a_trigger_may_be_rewritten_without_starting_it_afresh(stage: Stage) -> None:
    changed = {"type": "dataset_changed", "items": ["inbox"], "grace": 0}
    a_project(stage.node, {"folders/inbox": {}})
    stage.write("s", changed)
    stage.at(MONDAY)
    (state,) = stage.node.scenario_runs.trigger_states()
    stage.write("s", {**changed, "description": "New files."})
    stage.at(timedelta(seconds=1))
    assert stage.node.scenario_runs.trigger_states() == [state]


# who, and how often ---------------------------------------------------------------------------------------------------


@pytest.mark.requirement("A68")
def test_turning_the_switch_is_a_save_by_the_user_who_does_it(stage: Stage) -> None:
    stage.write("s", WEEKLY, author="ann")
    for active, author in ((False, "eva"), (True, "bob")):
        before = SystemClock().now().replace(microsecond=0)
        switched = scenarios.switch(stage.node, KEY, "s", active, author=author)
        assert switched is not None
        assert switched.active is active
        (last, *_) = stage.node.projects.history(KEY, "scenarios/s.yaml")
        assert last.author.startswith(author)
        assert before <= last.time <= SystemClock().now()
    stage.at(MONDAY)
    (run,) = stage.at(MONDAY + HOUR)
    assert run.run_as == "bob"


@pytest.mark.parametrize("tickers", [8])
def test_a_due_slot_fires_exactly_once_with_several_tickers(stage: Stage, tickers: int) -> None:
    stage.write("s", {**WEEKLY, "catch_up": "once"}, on_conflict="queue one")
    stage.at(MONDAY)
    stage.clock.moment = MONDAY + HOUR
    ready = threading.Barrier(tickers)
    found: list[ScenarioRun] = []

    def one() -> None:
        ready.wait()
        found.extend(tick(stage.node))

    threads = [threading.Thread(target=one) for _ in range(tickers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert len(stage.history()) == 1


PROCESS = """
import sys, time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from penstock.app import open_node
from penstock.runtime.triggers import tick

home, moment, me = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3]
node = open_node(home, user="ann")
node.scenario_runs.trigger_states()
(home / f"ready-{me}").touch()
while len(list(home.glob("ready-*"))) < 3:
    time.sleep(0.005)
print(len(tick(node, moment)))
"""


@pytest.mark.both_states
@pytest.mark.slow
def test_a_due_slot_fires_exactly_once_with_several_processes(stage: Stage, tmp_path: Path) -> None:
    for number in range(5):
        stage.write(f"s{number}", {**WEEKLY, "catch_up": "once"})
    stage.at(MONDAY)
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "home"), (MONDAY + HOUR).isoformat()]
    processes = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in range(3)]
    assert sum(int(process.communicate()[0]) for process in processes) == 5
    runs = stage.node.scenario_runs.runs(KEY, limit=0)
    assert [run.scenario for run in runs if run.state is RunState.QUEUED] == [run.scenario for run in runs]
    assert sorted(run.scenario for run in runs) == [f"s{n}" for n in range(5)]


class Died(BaseException):
    """What a worker dies of."""


@pytest.mark.parametrize("committed", [False, True])
def test_a_worker_that_dies_while_it_fires_loses_and_repeats_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    stage.write("s", WEEKLY)
    stage.at(MONDAY)
    real = stage.node.scenario_runs.fire

    def dying(*arguments: Any, **settings: Any) -> None:
        if committed:
            real(*arguments, **settings)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(stage.node.scenario_runs, "fire", dying)
        with pytest.raises(Died):
            stage.at(MONDAY + HOUR)
    assert len(stage.at(timedelta(seconds=1))) == (0 if committed else 1)
    assert [run.state for run in stage.history()] == [RunState.QUEUED]


def test_a_look_whose_worker_died_is_repeated_by_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching(stage)
    upload(stage, "may.csv")

    def dying(self: Any, ctx: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(registry.kind("triggers", "dataset_changed"), "fires", dying)
        with pytest.raises(Died):
            stage.at(CHECK)
    assert stage.at(MINUTE) == [], "the other one may still be looking"
    assert len(stage.at(timedelta(minutes=5))) == 1


def test_missed_slots_that_are_written_down_twice_are_one_line(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.write("s", WEEKLY)
    stage.at(MONDAY)

    def dying(state: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(stage.node.scenario_runs, "save_trigger", dying)
        with pytest.raises(Died):
            stage.at(MONDAY + DAY)
    assert stage.at(MINUTE) == []
    assert [run.state for run in stage.history()] == [RunState.MISSED]


@pytest.mark.requirement("A81")
def test_a_time_that_comes_during_a_run_is_cancelled_and_reported(stage: Stage) -> None:
    stage.write("s", {"type": "time", "every": "1 hour", "zone": "UTC"})
    stage.at(MONDAY)
    (first,) = stage.at(HOUR)
    (second,) = stage.at(HOUR)
    assert second.state is RunState.CANCELLED
    assert first.id in second.message


@pytest.mark.requirement("A81")
def test_with_queue_one_a_single_run_waits(stage: Stage) -> None:
    stage.write("s", {"type": "time", "every": "1 hour", "zone": "UTC"}, on_conflict="queue one")
    stage.at(MONDAY)
    states = [run.state for _ in range(3) for run in stage.at(HOUR)]
    assert states == [RunState.QUEUED, RunState.QUEUED, RunState.CANCELLED]


def test_idle_ticks_leave_nothing_behind(stage: Stage) -> None:
    a_project(stage.node, {"folders/inbox": {}})
    stage.write("s", WEEKLY, {"type": "dataset_changed", "items": ["inbox"], "check": 1})
    for _ in range(50):
        assert stage.at(timedelta(seconds=1)) == []
    assert stage.history() == []
    assert len(stage.node.scenario_runs.trigger_states()) == 2


def test_a_tick_asks_for_no_more_with_many_scenarios_than_with_few(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        stage.write(f"s{number}", WEEKLY)
    ticker = Ticker()
    ticker(stage.node, MONDAY)
    ticker(stage.node, MONDAY)  # a folder that was written a moment ago is looked at once more
    ticker.files.seen = {KEY: (stage.node.projects.path(KEY) / "scenarios").stat().st_mtime_ns}
    monkeypatch.setattr(stage.node.projects, "load", lambda key: pytest.fail("an idle tick read a project"))
    assert ticker(stage.node, MONDAY) == []


def test_a_hand_can_fire_a_trigger_with_its_own_parameters(stage: Stage) -> None:
    stage.write("s", WEEKLY)
    run = triggers.fire(stage.node, KEY, "s", "Weekly", {"month": "May"}, by="eva")
    assert (run.trigger, run.trigger_type, run.params, run.asked_by) == (
        "Weekly",
        "time",
        {"month": "May"},
        "eva",
    )
    with pytest.raises(NotFound, match="Did you mean Weekly"):
        triggers.fire(stage.node, KEY, "s", "Weakly")


# other data -----------------------------------------------------------------------------------------------------------


def folder(stage: Stage, name: str = "inbox") -> Path:
    return stage.node.data.folder(KEY, name)


def upload(stage: Stage, name: str, content: bytes = b"a\n1\n", *, to: str = "inbox") -> None:
    (folder(stage, to) / name).write_bytes(content)


def watching(stage: Stage, **settings: Any) -> None:
    """A scenario that starts when files come into a folder."""
    a_project(stage.node, {"folders/inbox": {}, "folders/other": {}})
    usual = {"type": "dataset_changed", "items": ["inbox"], "grace": 0}
    stage.write("s", {**usual, **settings})
    assert stage.at(MONDAY) == [], "switching it on only remembers what is there"


CHECK, GRACE = timedelta(seconds=900), timedelta(seconds=120)


@pytest.mark.requirement("A77")
def test_a_file_that_was_added_fires_once(stage: Stage) -> None:
    watching(stage)
    assert stage.at(CHECK) == []
    upload(stage, "may.csv")
    assert stage.at(CHECK / 2) == [], "it looks every fifteen minutes"
    (run,) = stage.at(CHECK / 2)
    assert run.params == {"changed": ["inbox"]}
    stage.done(run)
    assert stage.at(CHECK) == []


@pytest.mark.requirement("A77")
def test_another_file_during_the_grace_postpones_the_run(stage: Stage) -> None:
    watching(stage, grace=120)
    upload(stage, "may.csv")
    assert stage.at(CHECK) == []
    assert stage.shown().waiting_since == stage.clock.moment
    upload(stage, "june.csv")
    assert stage.at(GRACE) == []
    assert len(stage.at(GRACE)) == 1
    assert stage.shown().waiting_since is None


def test_a_grace_may_be_longer_than_the_time_between_two_looks(stage: Stage) -> None:
    watching(stage, check=60, grace=7200)
    upload(stage, "may.csv")
    assert [len(stage.at(MINUTE)) for _ in range(120)] == [0] * 120
    assert len(stage.at(MINUTE)) == 1


def test_looks_go_on_after_the_clock_went_ahead_and_came_back(stage: Stage) -> None:
    watching(stage)
    stage.at(MONDAY + 52 * WEEK)
    upload(stage, "may.csv")
    assert len(stage.at(MONDAY + CHECK)) == 1


def test_without_another_check_the_end_of_the_grace_is_the_end_of_waiting(stage: Stage) -> None:
    watching(stage, grace=120, check_again=False)
    upload(stage, "may.csv")
    assert stage.at(CHECK) == []
    upload(stage, "june.csv")
    assert len(stage.at(GRACE)) == 1
    stage.done(stage.history()[0])
    assert stage.at(CHECK) == [], "the second file was part of what fired"


def test_a_change_that_is_taken_back_during_the_grace_fires_nothing(stage: Stage) -> None:
    watching(stage, grace=120)
    upload(stage, "may.csv")
    stage.at(CHECK)
    (folder(stage) / "may.csv").unlink()
    assert stage.at(GRACE) == []
    assert stage.shown().waiting_since is None


def test_all_waits_until_each_of_the_items_has_changed(stage: Stage) -> None:
    watching(stage, items=["inbox", "other"], when="all")
    upload(stage, "may.csv")
    assert stage.at(CHECK) == []
    upload(stage, "may.csv", to="other")
    assert len(stage.at(CHECK)) == 1


@pytest.mark.requirement("A77")
def test_with_a_marker_file_only_the_marker_counts(stage: Stage) -> None:
    a_project(
        stage.node,
        {
            "folders/inbox": {},
            "datasets/raw": {"type": "files", "folder": "inbox", "format": "csv", "marker_file": "done"},
        },
    )
    stage.write("s", {"type": "dataset_changed", "items": ["raw"], "grace": 0})
    stage.at(MONDAY)
    upload(stage, "may.csv")
    assert stage.at(CHECK) == []
    upload(stage, "done", b"")
    (run,) = stage.at(CHECK)
    stage.done(run)
    upload(stage, "june.csv")
    assert stage.at(CHECK) == []
    upload(stage, "done", b"again")
    assert len(stage.at(CHECK)) == 1


@pytest.mark.requirement("A77")
@pytest.mark.parametrize(("of", "fires"), [("data", False), ("settings", True), ("data or settings", True)])
def test_settings_that_decide_what_is_read_count_when_asked_for(stage: Stage, of: str, fires: bool) -> None:
    raw = {"type": "files", "folder": "inbox", "format": "csv"}
    a_project(stage.node, {"folders/inbox": {}, "datasets/raw": raw})
    stage.write("s", {"type": "dataset_changed", "items": ["raw"], "grace": 0, "of": of})
    stage.at(MONDAY)
    a_project(stage.node, {"datasets/raw": {**raw, "format": {"type": "csv", "separator": ";"}}})
    assert bool(stage.at(CHECK)) is fires


def test_a_dataset_that_is_built_again_is_new_data(stage: Stage) -> None:
    a_project(stage.node, {"datasets/raw": {"type": "managed"}})
    stage.write("s", {"type": "dataset_changed", "items": ["raw"], "grace": 0})
    stage.at(MONDAY)
    fill(stage.node, "raw", n=[1])
    (run,) = stage.at(CHECK)
    assert run.params == {"changed": ["raw"]}


@pytest.mark.requirement("A81")
def test_a_change_during_a_run_is_seen_at_the_first_look_after_it(stage: Stage) -> None:
    watching(stage)
    upload(stage, "may.csv")
    (run,) = stage.at(CHECK)
    upload(stage, "june.csv")
    assert stage.at(CHECK) == []
    assert len(stage.history()) == 1, "while it runs, nothing is asked for"
    stage.done(run)
    assert len(stage.at(CHECK)) == 1


# another answer, another scenario, a script ---------------------------------------------------------------------------


@pytest.mark.requirement("A78")
def test_another_answer_to_a_query_fires_and_is_handed_on(stage: Stage) -> None:
    a_project(stage.node, {"datasets/raw": {"type": "managed"}})
    fill(stage.node, "raw", n=[1, 2])
    stage.write("s", {"type": "sql_changed", "query": "SELECT max(n) AS top FROM raw", "grace": 0})
    assert stage.at(MONDAY) + stage.at(CHECK) == []
    fill(stage.node, "raw", n=[2, 2])
    assert stage.at(CHECK) == [], "the answer is the same"
    fill(stage.node, "raw", n=[3])
    (run,) = stage.at(CHECK)
    assert run.params["rows"] == [[3]]
    assert [column["name"] for column in run.params["columns"]] == ["top"]


def test_a_query_that_takes_too_long_is_stopped_and_told(stage: Stage) -> None:
    forever = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"
    stage.write("s", {"type": "sql_changed", "query": forever, "timeout": 0.2})
    assert stage.at(MONDAY) == []
    assert "took longer than 0.2 seconds" in stage.shown().error


@pytest.mark.requirement("A78")
def test_another_answer_of_a_database_fires(stage: Stage, postgres: Postgres) -> None:
    postgres.run("CREATE TABLE sales AS SELECT 1 AS n")
    warehouse(stage.node, postgres)
    query = "SELECT max(n)::text || '!' AS top FROM sales"
    stage.write("s", {"type": "sql_changed", "connection": "warehouse", "query": query, "grace": 0})
    assert stage.at(MONDAY) + stage.at(CHECK) == []
    postgres.run("UPDATE sales SET n = 2")
    (run,) = stage.at(CHECK)
    assert run.params["rows"] == [["2!"]]
    stage.done(run)
    assert stage.at(CHECK) == [], "the answer is the same"


def test_a_query_that_takes_too_long_in_a_database_is_stopped_there(stage: Stage, postgres: Postgres) -> None:
    warehouse(stage.node, postgres)
    slow = "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b"
    stage.write("s", {"type": "sql_changed", "connection": "warehouse", "query": slow, "timeout": 0.5})
    assert stage.at(MONDAY) == []
    assert "took longer than 0.5 seconds" in stage.shown().error
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    assert postgres.run(f"SELECT count(*) {others} AND state = 'active'") == [(0,)]


@pytest.mark.requirement("A79")
def test_after_a_scenario_fires_only_for_the_outcomes_that_were_chosen(stage: Stage) -> None:
    stage.write("other")
    stage.ran("other", Outcome.FAILED)
    stage.write("s", {"type": "scenario_done", "scenario": "other", "outcomes": ["FAILED"]})
    assert stage.at(MINUTE) == [], "what ended before it was switched on does not count"
    stage.ran("other", Outcome.SUCCESS)
    assert stage.at(MINUTE) == []
    failed = stage.ran("other", Outcome.FAILED)
    (run,) = stage.at(MINUTE)
    assert run.params == {"scenario": "other", "project": KEY, "run": failed.id, "outcome": "FAILED"}
    stage.done(run)
    assert stage.at(MINUTE) == []


@pytest.mark.requirement("A79")
def test_each_finished_run_fires_once_also_those_that_finished_meanwhile(stage: Stage) -> None:
    stage.write("other")
    stage.write("s", {"type": "scenario_done", "scenario": "other"})
    stage.at(MONDAY)
    ended = []
    for _ in range(3):
        stage.clock.moment += timedelta(seconds=1)
        ended.append(stage.ran("other").id)
    fired = []
    for _ in range(8):
        for run in stage.at(MINUTE * 15):
            fired.append(run.params["run"])
            stage.done(run)
    assert fired == ended


def test_a_scenario_of_another_project_may_be_followed(stage: Stage) -> None:
    a_project(stage.node, key="OTHER")
    stage.node.projects.save("OTHER", {"scenarios/x.yaml": "{}\n"}, author="ann", message="x")
    stage.write("s", {"type": "scenario_done", "scenario": "x", "project": "OTHER"})
    stage.at(MONDAY)
    run = triggers.fire(stage.node, "OTHER", "x")
    stage.done(run)
    assert [r.params["run"] for r in stage.at(MINUTE)] == [run.id]


@pytest.mark.requirement("A80")
def test_a_script_fires_with_parameters_or_does_not(stage: Stage) -> None:
    code = (
        "from pathlib import Path\nfrom penstock.scenario import Trigger\nimport penstock\n"
        "ready = penstock.open().project('DEMO').folder('inbox')\n"
        "if 'go' in [f.path for f in ready.files()]:\n    Trigger().fire({'month': 'May', 'n': 3})\n"
    )
    a_project(stage.node, {"folders/inbox": {}})
    stage.write("s", {"type": "python", "code": code, "check": 60})
    assert stage.at(MONDAY) == []
    upload(stage, "go", b"")
    (run,) = stage.at(MINUTE)
    assert run.params == {"month": "May", "n": 3}
    assert stage.shown().error == ""


@pytest.mark.requirement("A80")
def test_what_a_script_fired_with_is_read_by_the_steps_of_the_run_a_worker_does(stage: Stage) -> None:
    script = "from penstock.scenario import Trigger\nTrigger().fire({'month': 'May'})"
    step = {"type": "define_variables", "name": "told", "formulas": {"m": "scenarioTriggerParam_month + '!'"}}
    stage.write("s", {"type": "python", "code": script}, steps=[step])
    worker.work(stage.node, until=lambda: any(run.state.final for run in stage.history()))
    (run,) = stage.history()
    assert (run.trigger_type, run.outcome) == ("python", Outcome.SUCCESS)
    (told,) = stage.node.scenario_runs.steps(run.id)
    assert told.output == {"m": "May!"}


@pytest.mark.requirement("A80")
def test_an_exception_is_shown_on_the_trigger_fires_nothing_and_stops_no_other(stage: Stage) -> None:
    broken = {"type": "python", "code": "raise ValueError('no such file')", "check": 60}
    stage.write("a", broken)
    stage.write("s", WEEKLY)
    stage.at(MONDAY)
    (run,) = stage.at(MONDAY + HOUR)
    assert run.scenario == "s"
    assert "ValueError: no such file" in stage.shown("a").error
    stage.write("a", {**broken, "code": "pass"})
    stage.at(MINUTE)
    assert stage.shown("a").error == ""


def test_a_script_that_takes_too_long_is_ended_and_does_not_hold_up_the_others(stage: Stage) -> None:
    stage.write("a", {"type": "python", "code": "import time; time.sleep(600)", "timeout": 2})
    stage.write("s", {"type": "time", "every": "1 minute", "zone": "UTC"})
    ticker = Ticker()
    ticker(stage.node, MONDAY)
    assert len(ticker(stage.node, MONDAY + MINUTE)) == 1, "the script is still running"
    assert ticker.lookers is not None
    assert ticker.lookers.wait(60)
    assert "ran longer than 2 seconds" in stage.shown("a").error


def test_many_slow_looks_wait_in_line_and_are_all_done(stage: Stage) -> None:
    a_project(stage.node, {"folders/inbox": {}})
    for number in range(12):
        stage.write(f"s{number}", {"type": "dataset_changed", "items": ["inbox"], "grace": 0})
    ticker = Ticker()
    assert ticker.lookers is not None
    ticker(stage.node, MONDAY)
    assert ticker.lookers.wait(60)
    upload(stage, "may.csv")
    ticker(stage.node, MONDAY + CHECK)
    assert ticker.lookers.wait(60)
    assert len(stage.node.scenario_runs.runs(KEY, limit=0)) == 12


def test_a_scenario_that_cannot_be_read_is_told_and_others_go_on(stage: Stage) -> None:
    a_project(stage.node, key="OTHER")
    stage.node.projects.save(
        "OTHER", {"scenarios/x.yaml": _yaml(active=True, triggers=[WEEKLY])}, author="ann", message="x"
    )
    stage.write("s", WEEKLY)
    stage.at(MONDAY)
    (stage.node.projects.path("OTHER") / "scenarios/x.yaml").write_text("active: perhaps\n")
    (run,) = stage.at(MONDAY + HOUR)
    assert run.project == KEY
    (state,) = stage.node.scenario_runs.trigger_states("OTHER")
    assert "scenarios/x.yaml" in state.error


def _yaml(**values: Any) -> str:
    import json

    return json.dumps(values)


@pytest.mark.requirement("A69")
def test_a_scenario_nobody_may_run_is_told_on_its_trigger_and_others_go_on(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    users.add(stage.node, "gone")
    users.disable(stage.node, "gone")
    stage.write("a", WEEKLY, author="gone")
    stage.write("s", WEEKLY)
    stage.at(MONDAY)
    (run,) = stage.at(MONDAY + HOUR)
    assert run.scenario == "s"
    assert "gone" in stage.shown("a").error
    assert stage.shown("a").next_run == MONDAY + HOUR + WEEK
    assert stage.at(MONDAY + WEEK + DAY) == []
    assert stage.shown("a").next_run == MONDAY + HOUR + 2 * WEEK


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        ({"type": "time", "every": "1 day", "zone": "Europe/Parris"}, "Did you mean Europe/Paris"),
        ({"type": "time"}, "Say either `every` or `cron`"),
        ({"type": "time", "every": "1 day", "cron": "0 7 * * *"}, "Say either"),
        ({"type": "time", "cron": "0 25 * * *"}, "no cron text"),
        ({"type": "time", "cron": "0 7 30 2 *"}, "never due"),
        ({"type": "time", "cron": "R 7 * * *"}, "random"),
        ({"type": "time", "cron": "H/5 7 * * *"}, "random"),
        ({"type": "time", "cron": "0 0 7 * * *"}, "minute, hour, day, month, weekday"),
        ({"type": "time", "every": "1 day", "on": ["monday"]}, "every: 1 week"),
        ({"type": "python", "code": "if:"}, "Line 1 of the script"),
        ({"type": "scenario_done", "scenario": "nobody"}, "no scenario 'nobody'"),
        ({"type": "dataset_changed", "items": ["nobody"]}, "no object 'nobody'"),
    ],
)
def test_a_trigger_that_can_never_work_is_refused_when_it_is_saved(
    stage: Stage, trigger: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        stage.write("s", trigger)
