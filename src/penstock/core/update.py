"""An update of a deployment: its states, its phases, what it reports. Facts, and the rules about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from penstock.core.outcome import Outcome


class UpdateState(StrEnum):
    """Where an update stands."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    FAILED = "FAILED"
    ABORTED = "ABORTED"

    @property
    def final(self) -> bool:
        return self is not UpdateState.RUNNING

    @property
    def outcome(self) -> Outcome:
        """As a step of a scenario says it; an update that still runs is none yet."""
        return Outcome(self.value)


PROJECT_PHASES = (
    "pre-checks", "hooks before", "send bundle", "preload", "activate", "hooks after", "report",
)  # fmt: skip
SERVICE_PHASES = ("pre-checks", "hooks before", "send versions", "load", "switch", "hooks after", "report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something an update has to say."""

    severity: Literal["INFO", "WARNING", "ERROR"] = "INFO"
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update of a deployment, as history keeps it."""

    id: str
    deployment: str
    kind: Literal["deploy", "update", "full update", "disable", "rollback"] = "update"
    requested_by: str = ""
    package: str = ""
    """Bundle or versions that it brings."""
    state: UpdateState = UpdateState.RUNNING
    phase: str = ""
    started_at: datetime
    ended_at: datetime | None = None
    messages: tuple[Told, ...] = ()
    error: str = ""
    owner: str = ""
    """Process that does it."""
    definition: Mapping[str, Any] = field(default_factory=dict)
    """The deployment as it was applied: what a later look compares with, and what a rollback goes back to."""

    @property
    def worked(self) -> bool:
        """Whether what it brings is there now."""
        return self.state in (UpdateState.SUCCESS, UpdateState.WARNING)


def state_of(messages: Iterable[Told]) -> UpdateState:
    """How an update that came to its end ended: WARNING when something warned."""
    return UpdateState.WARNING if any(m.severity != "INFO" for m in messages) else UpdateState.SUCCESS


def last(updates: Sequence[Update]) -> Update | None:
    """The newest one that has ended; updates come newest first."""
    return next((update for update in updates if update.state.final), None)


def applied(updates: Sequence[Update]) -> Update | None:
    """The newest one whose work is there; updates come newest first."""
    return next((update for update in updates if update.worked), None)
