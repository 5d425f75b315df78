"""Upcoming: when a scenario will start by itself, further ahead than its next run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from penstock.core.errors import NotFound
from penstock.core.trigger import Trigger, labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.core.node import Node
    from penstock.core.scenario import Scenario


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A moment at which a trigger is due."""

    at: datetime
    scenario: str
    trigger: str


def slots(node: Node, project: str, scenario: str, trigger: str = "", *, count: int = 5) -> list[Slot]:
    """The next moments of its triggers by time, as if its switch was on; those of triggers that are off left out.

    Of one trigger when it is named. Raises NotFound with the nearest name.
    """
    found = _triggers(node.projects.load(project).scenario(scenario))
    if trigger and trigger not in found:
        raise NotFound("trigger", trigger, among=found, where=f"scenario {scenario}")
    chosen = {
        label: t for label, t in found.items() if t.SLOTS and (label == trigger or (t.active and not trigger))
    }
    rows = [_row(scenario, label, t, node.clock.now()) for label, t in chosen.items()]
    return list(islice(merge(*rows), count))


def of_project(node: Node, project: str, *, count: int = 5) -> list[Slot]:
    """The next moments at which scenarios start by themselves, those that are on."""
    scenarios, now = node.projects.load(project).scenarios, node.clock.now()
    rows = [
        _row(name, label, trigger, now)
        for name, scenario in scenarios.items() if scenario.active
        for label, trigger in _triggers(scenario).items() if trigger.active and trigger.SLOTS
    ]  # fmt: skip
    return list(islice(merge(*rows), count))


def _triggers(scenario: Scenario) -> dict[str, Trigger]:
    return dict(zip(labels(scenario.triggers), scenario.triggers, strict=True))


def _row(scenario: str, label: str, trigger: Trigger, after: datetime) -> Iterator[Slot]:
    moment = trigger.next_look(after)
    while moment is not None:
        yield Slot(moment, scenario, label)
        moment = trigger.next_look(moment)
