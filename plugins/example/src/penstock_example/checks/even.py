"""A check of the example plugin."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from penstock.core.check import Check, Judgement
from penstock.core.outcome import Verdict


class Even(Check):
    """The metric is an even number.

    Example:
        type: example.even
        name: rows come in pairs
        metric: records:COUNT_RECORDS
    """

    LABEL: ClassVar[str] = "Metric is even"

    metric: str = Field(description="Id of the metric to judge.")

    def judge(self, ctx: Any) -> Judgement:
        value = ctx.value(self.metric)
        if value is None or value.number is None:
            return Judgement(Verdict.EMPTY, f"{self.metric} has no value yet")
        even = value.number % 2 == 0
        return Judgement(Verdict.OK if even else Verdict.ERROR, value.value, value.value)
