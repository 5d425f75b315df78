"""Reporters: who is told about a run, when, and by which channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.formula import Formula
from penstock.core.kind import Kind

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext


class Reporter(Kind):
    """Tells somebody about a run. `send(ctx)` delivers one message; raising means not sent, never a failed run."""

    FAMILY: ClassVar[str] = "reporters"

    name: str = Field(default="", description="Shown in the run; the type when empty.")
    active: bool = Field(default=True, description="Off: never sends.")
    on: Literal["start", "end"] = Field(
        default="end", description="When the run begins or when it has ended."
    )
    when: Formula | None = Field(
        default=None,
        description="Only if this is true, such as stepOutcome_MES_Warn == 'WARNING'; always if empty.",
    )
    timeout: float = Field(default=30.0, gt=0, description="Seconds after which the channel is given up.")

    def send(self, ctx: ReportContext) -> str:
        """Deliver; returns a sentence such as `sent to 2 recipients`."""
        raise NotImplementedError
