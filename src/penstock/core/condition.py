"""Conditions: formulas over named values that decide whether something runs or is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.core import outcome_words
from penstock.core.errors import InvalidExpression
from penstock.core.formula import Formula


def holds(condition: Formula, names: Mapping[str, Any], variables: Mapping[str, Any] | None = None) -> bool:
    """Is the condition true for these values? Null counts as not true.

    `stepOutcome_MES_Warn == 'WARNING'`. A name in `names` may also be read as `variables["odd name"]`.
    Raises UndefinedVariable for a bare name without a value, InvalidExpression for an answer that is neither
    true nor false, and for a word that is no outcome beside an outcome: `outcome == 'FAIL'`.
    """
    known = {**names, **(variables or {})}
    outcome_words.check(condition, known)
    answer = condition.evaluate(names, known)
    if answer is None or isinstance(answer, bool):
        return answer is True
    raise InvalidExpression(
        f"The condition {condition} gives {answer!r}, which is neither true nor false.", text=condition
    )
