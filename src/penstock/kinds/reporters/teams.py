"""Teams: tells a channel in Microsoft Teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.connection import Secret
from penstock.kinds.reporters._chat import Chat, connection

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext


class Teams(Chat):
    """An adaptive card in Microsoft Teams: what happened, the facts, a button to the run.

    Example:
        type: teams
        channel: teams
        when: outcome == 'FAILED'
    """

    CHANNEL: ClassVar[str] = "teams"

    channel: str = Field(
        default="", description="A channel of type teams; the only one when this and `url` are empty."
    )
    url: Secret = Field(
        default="", description="Instead: `secret:KEY.NAME` with the address of a workflow's webhook."
    )

    def send(self, ctx: ReportContext) -> str:
        return ctx.deliver(connection(self.CHANNEL, self.channel, self.url, ctx), [self._message(ctx)])
