"""Python: a script decides."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from penstock.core import scenario
from penstock.core.environment import EnvironmentName
from penstock.core.trigger import LEFT_OVER, Firing, Polled

if TYPE_CHECKING:
    from penstock.core.contexts import TriggerContext


class Python(Polled):
    """Starts the scenario when your script says `Trigger().fire()`; without it, nothing happens.

    What it fires with, as in `Trigger().fire({"month": "May"})`, the scenario reads as `scenarioTriggerParam_month`.
    An exception is shown with the trigger and starts nothing. The script may open the project with
    `penstock.open().project("KEY")`; it is ended when its time is up.

    Example:
        type: python
        check: 3600
        code: |
          from pathlib import Path

          from penstock.scenario import Trigger

          if Path("/data/ready").exists():
              Trigger().fire({"month": "May"})
    """

    code: str = Field(min_length=1, description="The script.")
    check: float = Field(default=3600.0, ge=1, description="Seconds between two looks.")
    timeout: float = Field(
        default=300.0, gt=0, description="Seconds the script may take; then it is stopped."
    )
    code_environment: EnvironmentName = Field(
        default="",
        description="Code environment it runs in; the project's when empty, `builtin` for the node's own Python.",
    )

    @field_validator("code")
    @classmethod
    def _parses(cls, code: str) -> str:
        return scenario.script(code)

    @property
    def words(self) -> str:
        return f"when a script says so, asked every {self.check:g} s"

    def hold(self) -> timedelta:
        return LEFT_OVER + timedelta(seconds=self.timeout)

    def fires(self, ctx: TriggerContext) -> Firing | None:
        params = ctx.python(self.code, self.timeout, self.code_environment)
        return None if params is None else Firing(params=params)
