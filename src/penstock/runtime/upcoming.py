"""Upcoming: when a scenario will start by itself, further ahead than its next run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from penstock.core.trigger import Trigger, labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A moment at which a trigger is due."""

    at: datetime
    trigger: str


def slots(node: Node, project: str, scenario: str, *, count: int = 5) -> list[Slot]:
    """The next moments of its triggers by time, as if its switch was on; those of triggers that are off left out."""
    triggers = node.projects.load(project).scenario(scenario).triggers
    named = zip(labels(triggers), triggers, strict=True)
    rows = [_row(label, t, node.clock.now()) for label, t in named if t.active and t.SLOTS]
    return list(islice(merge(*rows), count))


def _row(label: str, trigger: Trigger, after: datetime) -> Iterator[Slot]:
    moment = trigger.next_look(after)
    while moment is not None:
        yield Slot(moment, label)
        moment = trigger.next_look(moment)
