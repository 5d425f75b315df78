"""Command: a program of the administrator's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, field_validator

from penstock.core.connection import Connection
from penstock.core.errors import Failed, NotFound

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext
    from penstock.core.message import Message

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""Variables of ours that a program sees; nothing else of our environment is handed on."""


class Command(Connection):
    """A program that an administrator set up, started once for each message.

    It finds what happened in environment variables – PENSTOCK_OUTCOME, PENSTOCK_SCENARIO, PENSTOCK_LINK … – and the
    text on its standard input. An exit code other than 0 means not delivered. It is killed when its time is up.

    Example:
        type: command
        program: [/usr/local/bin/page-the-duty, --urgent]
    """

    CHANNEL: ClassVar[bool] = True

    program: tuple[str, ...] = Field(
        min_length=1, description="The program, by its full path, and its arguments; no shell reads them."
    )
    environment: dict[str, str] = Field(
        default_factory=dict, description="Further variables for it; a value may be `secret:NAME`."
    )

    @field_validator("program")
    @classmethod
    def _full_path(cls, program: tuple[str, ...]) -> tuple[str, ...]:
        if not os.path.isabs(program[0]):
            raise ValueError("The program is given by its full path, such as /usr/local/bin/page.")
        return program

    def deliver(self, messages: Sequence[Message], ctx: ConnectionContext) -> str:
        for message in messages:
            self._run(message, ctx)
        return f"{os.path.basename(self.program[0])} ended well"

    def test(self, ctx: ConnectionContext) -> str:
        if not os.access(self.program[0], os.X_OK) or os.path.isdir(self.program[0]):
            raise NotFound("program that may be started", self.program[0])
        return f"{self.program[0]} is there; it was not started"

    def _run(self, message: Message, ctx: ConnectionContext) -> None:
        done = subprocess.run(
            self.program, input=message.text, env=self._environment(message, ctx), text=True, capture_output=True,
            check=False, errors="replace",
        )  # fmt: skip
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines()
            raise Failed(
                f"{self.program[0]} ended with exit code {done.returncode}. {lines[-1] if lines else ''}"
            )

    def _environment(self, message: Message, ctx: ConnectionContext) -> dict[str, str]:
        ours = {name: os.environ[name] for name in KEPT if name in os.environ}
        facts = {f"PENSTOCK_{_word(name)}": _without_nul(value) for name, value in message.facts.items()}
        facts |= {"PENSTOCK_SUBJECT": _without_nul(message.subject), "PENSTOCK_LINK": message.link}
        return ours | facts | {name: ctx.secret(value) for name, value in self.environment.items()}


def _word(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name.upper())


def _without_nul(text: str) -> str:
    return text.replace("\0", "")
