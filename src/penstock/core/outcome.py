"""OK WARNING ERROR EMPTY for checks, SUCCESS WARNING FAILED ABORTED for runs, and how they add up."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What a check or rule says of a metric."""

    OK = "OK"
    WARNING = "WARNING"
    ERROR = "ERROR"
    EMPTY = "EMPTY"

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict:
        """ERROR over WARNING over OK over EMPTY; EMPTY when there is none."""
        order = [cls.EMPTY, cls.OK, cls.WARNING, cls.ERROR]
        return max(verdicts, key=order.index, default=cls.EMPTY)


class Outcome(StrEnum):
    """How a scenario, or a step of it, ended."""

    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    FAILED = "FAILED"
    ABORTED = "ABORTED"

    @classmethod
    def worst(cls, outcomes: Iterable[Outcome]) -> Outcome:
        """ABORTED over FAILED over WARNING over SUCCESS; SUCCESS when there is none."""
        order = list(cls)
        return max(outcomes, key=order.index, default=cls.SUCCESS)
