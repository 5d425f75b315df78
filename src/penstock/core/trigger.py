"""Triggers: what starts a scenario by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, count
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.kind import Kind

if TYPE_CHECKING:
    from penstock.core.contexts import TriggerContext

PUNCTUAL = timedelta(seconds=60)
"""A slot seen so late still counts as on time."""
HOLD = timedelta(seconds=360)
"""How long one look is left to the worker that began it; afterwards another one may repeat it."""
LEFT_OVER = timedelta(seconds=60)
"""The same, beyond the end of a look that has a timeout."""


class Trigger(Kind):
    """What starts a scenario. `fires(ctx)` looks once and says what it saw; it never starts anything itself."""

    FAMILY: ClassVar[str] = "triggers"
    SLOTS: ClassVar[bool] = False
    """Whether `next_look` is when it fires: such slots are known ahead, and can be missed."""
    BASELINE: ClassVar[bool] = False
    """Whether its first look, with no memory yet, only remembers."""
    QUICK: ClassVar[bool] = False
    """Whether that first look is quick enough to be taken while somebody saves."""

    name: str = Field(default="", description="Shown in the history; the type when empty.")
    description: str = Field(default="", description="For people.")
    active: bool = Field(default=True, description="Off: never looked at.")

    @property
    def words(self) -> str:
        """What starts the scenario, as people say it: `every week on monday at 07:00`."""
        return self.kind_name().replace("_", " ")

    def next_look(self, after: datetime) -> datetime | None:
        """When to look next, strictly after a moment; None = never again."""
        raise NotImplementedError

    def fires(self, ctx: TriggerContext) -> Firing | None:
        """What it saw; None = nothing to do. Called when `next_look` has come."""
        raise NotImplementedError

    def patience(self) -> timedelta | None:
        """How late a slot may be and still fire; None = as late as can be. At least `PUNCTUAL` is granted."""
        return timedelta(0)

    def hold(self) -> timedelta:
        """How long one look may take, until another worker may look instead."""
        return HOLD


class Polled(Trigger):
    """A trigger that looks again and again."""

    check: float = Field(default=900.0, ge=1, description="Seconds between two looks.")

    def next_look(self, after: datetime) -> datetime | None:
        return after + timedelta(seconds=self.check)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a watching trigger sees: a mark that tells it from other sights, and what the run is told if it fires."""

    mark: Any
    """JSON-able."""
    params: Mapping[str, Any] = field(default_factory=dict)


class Watching(Polled):
    """A trigger that fires when what it sees is no longer what it saw when it fired last, and has come to rest."""

    BASELINE: ClassVar[bool] = True

    grace: float = Field(
        default=120.0,
        ge=0,
        description="Seconds to wait after a change, so that no upload is caught half way.",
    )
    check_again: bool = Field(
        default=True, description="Look again after the grace; when it changed once more, wait once more."
    )

    def look(self, ctx: TriggerContext) -> Sight:
        raise NotImplementedError

    def differs(self, before: Any, now: Any) -> bool:
        return bool(before != now)

    def fires(self, ctx: TriggerContext) -> Firing | None:
        sight = self.look(ctx)
        if ctx.state.memory is None:
            return Firing(memory={"seen": sight.mark}, fire=False)
        before, waiting = ctx.state.memory["seen"], ctx.state.memory.get("waiting")
        if not self.differs(before, sight.mark):
            return None if waiting is None else Firing(memory={"seen": before}, fire=False)
        if self.grace and (waiting is None or (self.check_again and waiting != sight.mark)):
            return Firing(memory={"seen": before, "waiting": sight.mark}, fire=False, again_in=self.grace)
        return Firing(params=sight.params, memory={"seen": sight.mark})


@dataclass(frozen=True, slots=True)
class Firing:
    """A reason to run, with parameters the run can read."""

    params: Mapping[str, Any] = field(default_factory=dict)
    memory: Any = None
    """JSON-able: what the trigger remembers for its next look (a fingerprint, a result)."""
    fire: bool = True
    """False: only remember."""
    again_in: float | None = None
    """Seconds to the next look instead of the usual: a grace period, or there is more to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerState:
    """What is remembered of one trigger of one scenario between two looks: one row, updated in place."""

    project: str
    scenario: str
    trigger: str
    """Its label, see `labels`."""
    definition: str = ""
    """Hash of the trigger's settings: another definition starts afresh."""
    next_look: datetime | None = None
    last_fired: datetime | None = None
    """The slot, or the look, that fired last."""
    pending_since: datetime | None = None
    """It saw something and waits for the end of the grace period."""
    memory: Any = None
    error: str = ""
    """Why the last look failed; empty when it went well."""
    version: int = 0
    """Counts up; a change by somebody else in between is noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A trigger as people see it: when it is due, and what became of its last look."""

    project: str
    scenario: str
    trigger: str
    type: str
    active: bool
    """Whether it is looked at: its own switch, the scenario's, and the node's are on."""
    next_run: datetime | None = None
    """Known ahead for triggers by time only."""
    next_look: datetime | None = None
    last_fired: datetime | None = None
    waiting_since: datetime | None = None
    error: str = ""


def labels(triggers: Sequence[Trigger]) -> list[str]:
    """What each trigger of a scenario is called: its name, else its type; a second one is `time #2`."""
    found: list[str] = []
    for trigger in triggers:
        name = trigger.name or trigger.kind_name()
        numbered = (f"{name} #{number}" for number in count(2))
        found.append(next(label for label in chain([name], numbered) if label not in found))
    return found


def definition_hash(trigger: Trigger) -> str:
    """Equal for triggers that do the same."""
    told = {n: v for n, v in trigger.to_mapping().items() if n not in ("name", "description", "active")}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
