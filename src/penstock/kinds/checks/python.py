"""PythonCheck: a function of yours judges the metrics of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.check import Check, Judgement, said
from penstock.core.errors import ActivityFailed
from penstock.core.outcome import Verdict

if TYPE_CHECKING:
    from penstock.core.contexts import CheckContext


class PythonCheck(Check):
    """Your own function judges an object by its latest metrics; it may return a message too.

    Write `process(last_values)`, `process(last_values, obj)` or `process(last_values, obj, partition)`.
    `last_values` maps metric id to a point with `get_value()`. Return `'OK'`, `'WARNING'`, `'ERROR'` or
    `'EMPTY'`, alone or as `(outcome, message)`. An exception counts as ERROR.

    Example:
        type: python
        name: Enough rows evaluated
        code: |
          def process(last_values):
              rows = last_values["evaluation:ROWS"].get_value()
              return ("OK", f"{rows} rows") if rows > 500 else ("WARNING", f"only {rows} rows")
    """

    code: str = Field(description="Python source with a function `process`.")

    def judge(self, ctx: CheckContext) -> Judgement:
        try:
            return said(ctx.opinion(self.code))
        except ActivityFailed as failure:
            return Judgement(Verdict.ERROR, failure.message)
