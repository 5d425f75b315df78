"""PythonRule: a function of yours judges the rows of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.check import Judgement, said
from penstock.core.errors import ActivityFailed
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class PythonRule(Rule):
    """Your own function judges a dataset by its latest metrics and, if it asks for them, by its rows.

    Write `process(last_values)`, `process(last_values, dataset)` or `process(last_values, dataset, partition)`.
    Return `'OK'`, `'WARNING'`, `'ERROR'` or `'EMPTY'`, alone or as `(outcome, message)`. An exception counts
    as ERROR.

    Example:
        type: python
        name: No negative amounts
        code: |
          import pyarrow.compute as pc

          def process(last_values, dataset):
              lowest = pc.min(dataset.arrow()["purchase_amount"]).as_py()
              return ("OK" if lowest >= 0 else "ERROR", f"lowest amount {lowest}")
    """

    STABLE_ID: ClassVar[str] = "python"

    code: str = Field(description="Python source with a function `process`.")

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        try:
            return said(ctx.opinion(self.code))
        except ActivityFailed as failure:
            return Judgement(Verdict.ERROR, failure.message)
