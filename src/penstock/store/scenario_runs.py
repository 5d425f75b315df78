"""Runs of scenarios and their steps: the ScenarioRuns port on SQL, with log files beside it.

Whoever wants to change a run says whose it is in the WHERE of the UPDATE, and the count of changed rows is the
answer. So there is no lock to be left behind, and what a worker that lost its run still writes changes nothing.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from penstock.core.errors import Conflict, Invalid, NotFound
from penstock.core.names import check_project_key
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun, StepRun
from penstock.core.trigger import TriggerState
from penstock.core.worker import Hold, Worker
from penstock.store.again import begun_again
from penstock.store.database import Database, alone, upsert
from penstock.store.rows import from_row, to_json
from penstock.store.tables import Instant, scenario_runs, step_runs, trigger_states, workers
from penstock.store.triggers import SqlTriggers, keep

RUN_LOG = "_run.log"
NOW, NEXT = 0, 1
"""The places of a scenario: its run, and the one in line."""
FINAL = [state.value for state in RunState if state.final]
RUNS = scenario_runs.c
COLUMNS = [c.name for c in scenario_runs.c if c.name not in ("place", "facts")]
LEFT_ALONE = ("definition", "owner", "lease_until", "beats", "takes", "abort_requested")
"""What `save` does not write."""
TRIES = 20


@begun_again
class SqlScenarioRuns(SqlTriggers):
    """The ScenarioRuns port. Each verb is one short transaction; any number of processes may use it at once."""

    def __init__(self, database: Database, logs: Path) -> None:
        """`logs` is the folder under which each project keeps `scenarios/<run>/<step>.log`."""
        self.database, self.logs = database, logs

    def ask(self, run: ScenarioRun, *, on_conflict: str = "cancel") -> ScenarioRun:
        asked = self._put(run, on_conflict, None)
        assert asked is not None
        return asked

    def fire(
        self, state: TriggerState, run: ScenarioRun, *, on_conflict: str = "cancel"
    ) -> ScenarioRun | None:
        return self._put(run, on_conflict, state)

    def claim(self, owner: str, now: datetime, lease: timedelta, *, run: str = "") -> ScenarioRun | None:
        while True:
            found = self._next(run)
            if found is None:
                return None
            values = {
                "state": RunState.RUNNING.value, "owner": owner, "lease_until": now + lease,
                "beats": RUNS.beats + 1, "takes": RUNS.takes + 1,
                "started_at": func.coalesce(RUNS.started_at, literal(now, Instant())),
            }  # fmt: skip
            if self._change(RUNS.id == found, RUNS.state == RunState.QUEUED, RUNS.place == NOW, **values):
                return self.run(found)

    def heartbeat(self, run: str, owner: str, until: datetime) -> bool:
        mine = (RUNS.owner == owner) & (RUNS.state == RunState.RUNNING)
        with self.database.write() as connection:
            beat = update(scenario_runs).where(mine).values(lease_until=until, beats=RUNS.beats + 1)
            connection.execute(beat)
            return connection.execute(select(RUNS.id).where(mine, RUNS.id == run)).first() is not None

    def requeue(self, run: str, owner: str, *, beats: int | None = None) -> bool:
        free = {"state": RunState.QUEUED.value, "owner": "", "lease_until": None}
        if beats is None:
            return self._change(
                _held(run, owner), **free, takes=case((RUNS.takes > 0, RUNS.takes - 1), else_=0)
            )
        return self._change(_held(run, owner), RUNS.beats == beats, **free)

    def holds(self) -> list[Hold]:
        held = select(RUNS.id, RUNS.owner, RUNS.beats).where(RUNS.state == RunState.RUNNING)
        with self.database.read() as connection:
            return [Hold(*row) for row in connection.execute(held.order_by(RUNS.id))]

    def save(self, run: ScenarioRun, *, owner: str = "") -> bool:
        row = {name: value for name, value in _row(run).items() if name not in ("id", *LEFT_ALONE)}
        if run.state.final:
            row |= {"place": None, "owner": "", "lease_until": None}
        condition = _held(run.id, owner) if owner else (RUNS.id == run.id) & (RUNS.owner == "")
        with self.database.write(durable=run.state.final) as connection:
            if run.state.final:
                _alone(connection, run.project, run.scenario)
            written = bool(connection.execute(update(scenario_runs).where(condition), row).rowcount)
            if written and run.state.final:
                _next_in_line(connection, run.project, run.scenario)
            if written or owner or not run.state.final or _exists(connection, run.id):
                return written
            connection.execute(insert(scenario_runs), _row(run) | {"place": None})
            return True

    def run(self, id: str) -> ScenarioRun:
        found = self._runs(select(scenario_runs).where(RUNS.id == id))
        if not found:
            raise NotFound("run", id)
        return found[0]

    def runs(
        self,
        project: str = "",
        scenario: str = "",
        *,
        finished: bool | None = None,
        since: datetime | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[ScenarioRun]:
        query = select(scenario_runs).order_by(RUNS.asked_at.desc(), RUNS.id.desc())
        query = query.where(RUNS.project == project) if project else query
        query = query.where(RUNS.scenario == scenario) if scenario else query
        if finished is not None:
            query = query.where(RUNS.state == RunState.DONE if finished else RUNS.state.not_in(FINAL))
        if since is not None:
            query = query.where((RUNS.ended_at if finished else RUNS.asked_at) >= since)
        return self._runs(query.limit(limit or None).offset(offset or None))

    def untold(self, since: datetime) -> list[ScenarioRun]:
        said = cast(scenario_runs.c.facts, Text).contains('"failed"')
        query = select(scenario_runs).where(RUNS.asked_at >= since, said)
        found = self._runs(query.order_by(RUNS.asked_at.desc(), RUNS.id.desc()))
        return [run for run in found if run.failed_reports]

    def count(self) -> int:
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(scenario_runs)).scalar_one()

    def request_abort(self, run: str) -> bool:
        begun = self.run(run)
        waiting = (RUNS.id == run) & (RUNS.state == RunState.QUEUED) & RUNS.started_at.is_(None)
        cancelled = replace(
            begun,
            state=RunState.CANCELLED,
            outcome=Outcome.ABORTED,
            message="It was aborted before it began.",
        )
        with self.database.write() as connection:
            _alone(connection, begun.project, begun.scenario)
            at = _row(replace(cancelled, abort_requested=True, owner="", lease_until=None)) | {"place": None}
            if connection.execute(update(scenario_runs).where(waiting), at).rowcount:
                _next_in_line(connection, begun.project, begun.scenario)
                return True
            going = (RUNS.id == run) & RUNS.state.not_in(FINAL)
            stop = update(scenario_runs).where(going).values(abort_requested=True)
            return bool(connection.execute(stop).rowcount)

    def abort_requested(self, run: str) -> bool:
        with self.database.read() as connection:
            return bool(connection.execute(select(RUNS.abort_requested).where(RUNS.id == run)).scalar())

    def save_step(self, step: StepRun, *, owner: str) -> bool:
        this = (step_runs.c.run == step.run) & (step_runs.c.position == step.position)
        this &= step_runs.c.part == step.part
        row = {
            "run": step.run, "position": step.position, "part": step.part, "state": step.state,
            "facts": _json(step, f"step {step.label}"),
        }  # fmt: skip
        with self.database.write(durable=step.state == "DONE") as connection:
            mine = select(RUNS.id).where(_held(step.run, owner)).with_for_update()
            if connection.execute(mine).first() is None:
                return False
            if step.state != "RUNNING":
                connection.execute(update(scenario_runs).where(RUNS.id == step.run).values(takes=0))
            going = update(step_runs).where(this, step_runs.c.state == "RUNNING")
            if connection.execute(going, row).rowcount:
                return True
            if connection.execute(select(step_runs.c.run).where(this)).first() is not None:
                return False
            connection.execute(insert(step_runs), row)
            return True

    def steps(self, run: str) -> list[StepRun]:
        query = select(step_runs.c.facts).where(step_runs.c.run == run)
        with self.database.read() as connection:
            rows = connection.execute(query.order_by(step_runs.c.position, step_runs.c.part)).scalars()
            return [from_row(StepRun, facts) for facts in rows]

    def sign(self, worker: Worker) -> None:
        with self.database.write() as connection:
            upsert(connection, workers, [asdict(worker)])

    def sign_off(self, worker: str) -> None:
        with self.database.write() as connection:
            connection.execute(delete(workers).where(workers.c.id == worker))

    def workers(self) -> list[Worker]:
        with self.database.read() as connection:
            rows = connection.execute(select(workers).order_by(workers.c.started_at, workers.c.id)).mappings()
            return [from_row(Worker, dict(row)) for row in rows]

    def log_path(self, run: str, step: str = "") -> Path:
        folder = self._logs_of(self._project_of(run), run)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / (f"{quote(step, safe='')}.log" if step else RUN_LOG)

    def prune(self, *, now: datetime, kept: int, days: int) -> int:
        oldest = now - timedelta(days=days)
        with self.database.read() as connection:
            doomed = _doomed(connection, oldest, kept)
        for run, _ in doomed:
            with self.database.write() as connection:  # short ones: a run waits for nobody who tidies up
                connection.execute(delete(scenario_runs).where(RUNS.id == run, RUNS.state.in_(FINAL)))
        for run, project in doomed:
            shutil.rmtree(self._logs_of(project, run), ignore_errors=True)
        return len(doomed)

    def sweep(self, before: datetime) -> int:
        with self.database.read() as connection:
            known = set(connection.execute(select(RUNS.id)).scalars())
        folders = self.logs.glob("*/scenarios/*")
        lost = [f for f in folders if unquote(f.name) not in known and f.stat().st_mtime < before.timestamp()]
        for folder in lost:
            shutil.rmtree(folder, ignore_errors=True)
        return len(lost)

    def move(self, project: str, old: str, new: str) -> None:
        with self.database.write() as connection:
            for table in (scenario_runs, trigger_states):
                this = (table.c.project == project) & (table.c.scenario == old)
                connection.execute(update(table).where(this), {"scenario": new})

    def delete_project(self, project: str) -> None:
        with self.database.write() as connection:
            for table in (scenario_runs, trigger_states):
                connection.execute(delete(table).where(table.c.project == project))
        shutil.rmtree(self.logs / check_project_key(project) / "scenarios", ignore_errors=True)

    def _put(self, run: ScenarioRun, on_conflict: str, state: TriggerState | None) -> ScenarioRun | None:
        """Insert a run in the first place that is free. The unique places are the lock: who is second tries again."""
        places = (NOW, NEXT) if on_conflict == "queue one" else (NOW,)
        id = run.id
        for _ in range(TRIES):
            try:
                with self.database.write(durable=True) as connection:
                    _alone(connection, run.project, run.scenario)
                    if state is not None and not keep(connection, state):
                        return None
                    return _insert(connection, replace(run, id=id), places)
            except IntegrityError:
                if state is not None and state.version == 0 and self._knows(state):
                    return None
                id = f"{run.id}-{secrets.token_hex(2)}" if self._is_taken(id) else id
        raise Conflict(f"Scenario {run.scenario} is asked for by too many at once.", hint="Try again.")

    def _next(self, run: str) -> str | None:
        queued = select(RUNS.id).where(RUNS.state == RunState.QUEUED, RUNS.place == NOW)
        queued = queued.where(RUNS.id == run) if run else queued
        with self.database.read() as connection:
            return connection.execute(queued.order_by(RUNS.asked_at, RUNS.id).limit(1)).scalar()

    def _change(self, *conditions: ColumnElement[bool], **values: Any) -> bool:
        with self.database.write() as connection:
            changed = connection.execute(update(scenario_runs).where(*conditions).values(**values))
            return bool(changed.rowcount)

    def _is_taken(self, id: str) -> bool:
        with self.database.read() as connection:
            return _exists(connection, id)

    def _knows(self, state: TriggerState) -> bool:
        known = self.trigger_states(state.project, state.scenario)
        return any(other.trigger == state.trigger for other in known)

    def _project_of(self, run: str) -> str:
        with self.database.read() as connection:
            project = connection.execute(select(RUNS.project).where(RUNS.id == run)).scalar()
        if project is None:
            raise NotFound("run", run)
        return str(project)

    def _logs_of(self, project: str, run: str) -> Path:
        return self.logs / project / "scenarios" / quote(run, safe="")

    def _runs(self, query: Any) -> list[ScenarioRun]:
        with self.database.read() as connection:
            return [_run(dict(row)) for row in connection.execute(query).mappings()]


def _held(run: str, owner: str) -> ColumnElement[bool]:
    return (RUNS.id == run) & (RUNS.owner == owner) & (RUNS.state == RunState.RUNNING)


def _exists(connection: Connection, run: str) -> bool:
    return connection.execute(select(RUNS.id).where(RUNS.id == run)).first() is not None


def _insert(connection: Connection, run: ScenarioRun, places: Iterable[int]) -> ScenarioRun:
    """Put a run where it is free, or keep it as cancelled. Raises IntegrityError when somebody was faster."""
    if run.parent_step:
        same = (RUNS.parent == run.parent) & (RUNS.parent_step == run.parent_step)
        before = connection.execute(select(scenario_runs).where(same)).mappings().first()
        if before is not None:
            return _run(dict(before))
    this = (RUNS.project == run.project) & (RUNS.scenario == run.scenario) & RUNS.place.is_not(None)
    held = {place: id for id, place in connection.execute(select(RUNS.id, RUNS.place).where(this))}
    place = next((p for p in places if p not in held), None)
    if place is None:
        because = f"Run {held[NOW]} was going on." if NEXT not in held else f"Run {held[NEXT]} was waiting."
        run = replace(run, state=RunState.CANCELLED, ended_at=run.asked_at, message=because)
    connection.execute(insert(scenario_runs), _row(run) | {"place": place})
    return run


def _alone(connection: Connection, project: str, scenario: str) -> None:
    """Places of a scenario are given and freed by one at a time: none stays empty while somebody waits for it."""
    alone(connection, "places", project, scenario)


def _next_in_line(connection: Connection, project: str, scenario: str) -> None:
    this = (RUNS.project == project) & (RUNS.scenario == scenario) & (RUNS.place == NEXT)
    connection.execute(update(scenario_runs).where(this).values(place=NOW))


def _doomed(connection: Connection, oldest: datetime, kept: int) -> list[tuple[str, str]]:
    """(run, project) of the ended runs that are too old, or beyond the newest `kept` of their scenario."""
    began = RUNS.state == RunState.DONE
    rank = func.row_number().over(
        partition_by=[RUNS.project, RUNS.scenario, began], order_by=[RUNS.asked_at.desc(), RUNS.id.desc()]
    )
    ended = select(RUNS.id, RUNS.project, RUNS.asked_at, rank.label("rank")).where(RUNS.state.in_(FINAL))
    ranked = ended.subquery()
    beyond = or_(ranked.c.rank > kept, ranked.c.asked_at < oldest)
    return [(row.id, row.project) for row in connection.execute(select(ranked).where(beyond))]


def _row(run: ScenarioRun) -> dict[str, Any]:
    facts = _json(run, f"run {run.id}")
    values = {name: getattr(run, name) for name in COLUMNS}
    values |= {"state": run.state.value, "outcome": run.outcome.value if run.outcome else ""}
    rest = {name: value for name, value in facts.items() if name not in COLUMNS}
    return values | {"definition": facts["definition"], "facts": rest}


def _run(row: Mapping[str, Any]) -> ScenarioRun:
    values = {name: row[name] for name in COLUMNS} | row["facts"]
    return from_row(ScenarioRun, values | {"outcome": values["outcome"] or None})


def _json(fact: StepRun | ScenarioRun, where: str) -> dict[str, Any]:
    """Its plain JSON values; not-a-number becomes null. Raises Invalid for what JSON cannot say."""
    try:
        return to_json(fact)
    except ValueError as error:
        raise Invalid(
            f"What {where} gave cannot be kept as JSON: {error}",
            hint="Give numbers, texts, true, false, null, lists and mappings of them.",
        ) from error
