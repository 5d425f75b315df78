"""Missed: one line in the history for times that passed and started nothing, with the reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from penstock.core.counting import counted
from penstock.core.scenario import RunState, ScenarioRun
from penstock.runtime import asking

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.trigger import Trigger, TriggerState

MOST_COUNTED = 1000
"""Missed slots that are counted; of more it is only said that there were more."""
SINCE = re.compile(r" \(since [-0-9]+ [:0-9]+ UTC\)$")


def between(trigger: Trigger, first: datetime, end: datetime) -> list[datetime]:
    """The slots of a trigger from the first one up to the end."""
    found: list[datetime] = []
    slot: datetime | None = first
    while slot is not None and slot < end and len(found) <= MOST_COUNTED:
        found.append(slot)
        slot = trigger.next_look(slot)
    return found


def keep(node: Node, run: ScenarioRun, slots: Sequence[datetime], now: datetime, *, error: str = "") -> None:
    """Keep that these slots started nothing; `error` is why nobody could look at them, if anybody was there.

    The id says which slots they are: written twice, it is still one line.
    """
    mark = sha256(f"{run.project}/{run.scenario}/{run.trigger}".encode()).hexdigest()[:6]
    kept = replace(
        run, id=f"{asking.run_id(slots[0])}-missed-{mark}", state=RunState.MISSED, asked_at=slots[0], ended_at=now,
        message=_said(slots, now, error),
    )  # fmt: skip
    node.scenario_runs.save(kept)


def keep_unknown(node: Node, state: TriggerState, now: datetime) -> None:
    """The same for a trigger that was changed before it could be looked at again: its times are not known."""
    if not state.error or state.pending_since is None or state.pending_since >= now:
        return
    run = asking.prepared(node, state.project, state.scenario, by="trigger", trigger=state.trigger)
    keep(node, run, [state.pending_since], now, error=state.error)


def dated(error: str, before: str, now: datetime) -> str:
    """A problem with the moment since when there is one: ` (since 2026-11-21 03:10 UTC)`."""
    known = SINCE.search(before)
    return f"{error}{known.group() if known else f' (since {now:%Y-%m-%d %H:%M} UTC)'}"


def _said(slots: Sequence[datetime], now: datetime, error: str) -> str:
    many = len(slots) > MOST_COUNTED
    count = f"More than {MOST_COUNTED:,} times" if many else counted(len(slots), "time")
    if error:
        return (
            f"{count} passed between {_moment(slots[0])} and {_moment(now)} UTC, while its trigger could not be "
            f"looked at: {error}"
        )
    if len(slots) == 1:
        return f"The time {_moment(slots[0])} UTC passed while no worker looked at triggers."
    return f"{count} passed while no worker looked at triggers, from {_moment(slots[0])} to {_moment(slots[-1])} UTC."


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
