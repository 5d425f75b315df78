"""What triggers remember between two looks: one row each, updated in place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from penstock.core.trigger import TriggerState
from penstock.store.again import begun_again
from penstock.store.database import Database
from penstock.store.rows import from_row, to_row
from penstock.store.tables import trigger_states


@begun_again
class SqlTriggers:
    """The part of the ScenarioRuns port that is about triggers."""

    database: Database

    def trigger_states(self, project: str = "", scenario: str = "") -> list[TriggerState]:
        t = trigger_states
        query = select(t).order_by(t.c.project, t.c.scenario, t.c.trigger)
        query = query.where(t.c.project == project) if project else query
        return self._states(query.where(t.c.scenario == scenario) if scenario else query)

    def due_triggers(self, now: datetime, *, limit: int = 100) -> list[TriggerState]:
        due = select(trigger_states).where(trigger_states.c.next_look <= now)
        return self._states(due.order_by(trigger_states.c.next_look).limit(limit))

    def save_trigger(self, state: TriggerState) -> bool:
        try:
            with self.database.write() as connection:
                return keep(connection, state)
        except IntegrityError:  # somebody else added it at the same moment
            return False

    def forget_triggers(self, project: str, scenario: str, keep: Sequence[str] = ()) -> None:
        t = trigger_states
        these = (t.c.project == project) & (t.c.scenario == scenario) & t.c.trigger.not_in(list(keep))
        with self.database.write() as connection:
            connection.execute(delete(t).where(these))

    def _states(self, query: Any) -> list[TriggerState]:
        with self.database.read() as connection:
            return [from_row(TriggerState, dict(row)) for row in connection.execute(query).mappings()]


def keep(connection: Connection, state: TriggerState) -> bool:
    """Write a state whose version is the one in the table; a version of 0 is not there yet."""
    row = to_row(state) | {"version": state.version + 1}
    if state.version == 0:
        connection.execute(insert(trigger_states), row)
        return True
    t = trigger_states
    same = (t.c.project == state.project) & (t.c.scenario == state.scenario) & (t.c.trigger == state.trigger)
    found = connection.execute(update(t).where(same, t.c.version == state.version), row)
    return bool(found.rowcount)
