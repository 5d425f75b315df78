"""Slack: tells a room in Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.connection import Secret
from penstock.kinds.reporters._chat import Chat, connection

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext


class Slack(Chat):
    """A message to Slack: what happened in one sentence, or a text of your own, the facts, a button to the run.

    Example:
        type: slack
        channel: slack
        room: '#mlops'
        message: '*${scenarioName}* ended ${outcome}.'
    """

    CHANNEL: ClassVar[str] = "slack"

    channel: str = Field(
        default="", description="A channel of type slack; the only one when this and `url` are empty."
    )
    url: Secret = Field(
        default="", description="Instead: `secret:KEY.NAME` with the address of an incoming webhook."
    )
    room: str = Field(default="", description="Where a bot posts, such as `#mlops`; webhooks have one room.")

    def send(self, ctx: ReportContext) -> str:
        channel = connection(self.CHANNEL, self.channel, self.url, ctx)
        return ctx.deliver(channel, [self._message(ctx, self.room)])
