"""Command: tells a program of the administrator's."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.kinds.reporters import _facts
from penstock.kinds.reporters._chat import Chat

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext


class Command(Chat):
    """A program that an administrator set up is started; it reads the text, and the run in environment variables.

    They are PENSTOCK_OUTCOME, PENSTOCK_SCENARIO, PENSTOCK_PROJECT, PENSTOCK_STARTED, PENSTOCK_DURATION,
    PENSTOCK_TRIGGER, PENSTOCK_RUN, PENSTOCK_SUBJECT and PENSTOCK_LINK.

    Example:
        type: command
        channel: pager
        when: outcome == 'FAILED'
    """

    CHANNEL: ClassVar[str] = "command"

    channel: str = Field(default="", description="A channel of type command; the only one when empty.")

    def send(self, ctx: ReportContext) -> str:
        message = dataclasses.replace(self._message(ctx), facts=_facts.facts(ctx))
        return ctx.deliver(ctx.channel(self.channel, self.CHANNEL), [message])
