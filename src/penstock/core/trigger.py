"""Triggers: what starts a scenario by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.kind import Kind

if TYPE_CHECKING:
    from penstock.core.contexts import TriggerContext


class Trigger(Kind):
    """What starts a scenario. `fires(ctx)` looks once and says what it saw; it never starts anything itself."""

    FAMILY: ClassVar[str] = "triggers"

    name: str = Field(default="", description="Shown in the history; the type when empty.")
    description: str = Field(default="", description="For people.")
    active: bool = Field(default=True, description="Off: never looked at.")
    catch_up: Literal["skip", "once"] | float = Field(
        default="skip",
        description="A slot missed while nobody was there: skip it, run once, or run if at most so many seconds late.",
    )

    def next_look(self, after: datetime, state: TriggerState) -> datetime | None:
        """When to look next, strictly after a moment; None = never again."""
        raise NotImplementedError

    def fires(self, ctx: TriggerContext) -> Firing | None:
        """What it saw; None = nothing to do. Called when `next_look` has come."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Firing:
    """A reason to run, with parameters the run can read."""

    params: Mapping[str, Any] = field(default_factory=dict)
    memory: Any = None
    """JSON-able: what the trigger remembers for its next look (a fingerprint, a result)."""
    fire: bool = True
    """False: only remember."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerState:
    """What is remembered of one trigger of one scenario between two looks: one row, updated in place."""

    project: str
    scenario: str
    trigger: str
    definition: str = ""
    """Hash of the trigger's settings: another definition starts afresh."""
    next_look: datetime | None = None
    last_fired: datetime | None = None
    pending_since: datetime | None = None
    """It saw something and waits for the end of the grace period."""
    memory: Any = None
    error: str = ""
    """Why the last look failed; empty when it went well."""
    version: int = 0
    """Counts up; a change by somebody else in between is noticed."""
