"""Apprise: tells any service that the Apprise library knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.kinds.reporters._chat import Chat

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext


class Apprise(Chat):
    """A short message through any Apprise service that an administrator set up: Telegram, Matrix, ntfy, PagerDuty …

    Example:
        type: apprise
        channel: telegram
        message: ${scenarioName} ended ${outcome}. ${scenarioRunURL}
    """

    CHANNEL: ClassVar[str] = "apprise"

    channel: str = Field(default="", description="A channel of type apprise; the only one when empty.")

    def send(self, ctx: ReportContext) -> str:
        return ctx.deliver(ctx.channel(self.channel, self.CHANNEL), [self._message(ctx)])
