"""Conditions: formulas over named values that decide whether something runs or is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.core import outcome_words
from penstock.core.errors import InvalidExpression, did_you_mean
from penstock.core.expression import Bound, Call, Expression, Literal, Values
from penstock.core.formula import Formula, resolved

COMPARISONS = frozenset({"equal", "not_equal", "less", "less_or_equal", "greater", "greater_or_equal"})

DECIDES = {"both": False, "either": True}
"""`&&` and `||` → the answer of one part after which the parts behind it do not matter."""


def holds(condition: Formula, names: Mapping[str, Any], variables: Mapping[str, Any] | None = None) -> bool:
    """Is the condition true for these values? A name whose value is null is not true of anything.

    `stepOutcome_MES_Warn == 'WARNING'`. A name in `names` may also be read as `variables["odd name"]`.
    Raises UndefinedVariable for a bare name without a value, InvalidExpression for an answer that is neither
    true nor false, for a word that is no outcome beside an outcome (`outcome == 'FAIL'`), and for a comparison with
    something that does not compute: `stepOutput_ck['auk'] < 0.7`, `toNumber('abc') > 1`, `1 / 0 > 1`.
    """
    known = {**names, **(variables or {})}
    outcome_words.check(condition, known)
    tree = resolved(condition.expression, known)
    _check_computes(tree, Values(names, known), condition)
    answer = tree.answer(Values(names, known))
    if answer is None or isinstance(answer, bool):
        return answer is True
    raise InvalidExpression(
        f"The condition {condition} gives {answer!r}, which is neither true nor false.", text=condition
    )


def _check_computes(tree: Expression, values: Values, condition: Formula) -> None:
    """Raise InvalidExpression for a comparison one side of which is worked out and comes to nothing.

    What stands behind a guard that decides is not looked at: `outcome == 'SUCCESS' && stepOutput_a['auc'] < 0.7`.
    """
    if isinstance(tree, Call) and tree.function in COMPARISONS and Literal(None) not in tree.arguments:
        for side in tree.arguments:
            if isinstance(side, Call) and _is_alone(side) and side.answer(values) is None:
                raise InvalidExpression(
                    f"The condition {condition} cannot be judged: {side} has no value.{_near(side, values)}",
                    text=condition,
                    hint="Where nothing is allowed, say what it counts as: coalesce(…, 0).",
                )
    decides = DECIDES.get(tree.function) if isinstance(tree, Call) else None
    for part in tree.parts():
        _check_computes(part, values, condition)
        if decides is not None and _is_alone(part) and part.answer(values) is decides:
            return


def _is_alone(side: Expression) -> bool:
    """Whether it has a value by itself: not inside `filter(array, x, …)`, where x is another one each time."""
    return not any(isinstance(node, Bound) for node in side.walk())


def _near(side: Call, values: Values) -> str:
    """The nearest key, for `output['auk']`."""
    if side.function not in ("item", "field") or not isinstance(side.arguments[1], Literal):
        return ""
    inside = side.arguments[0].answer(values)
    return did_you_mean(str(side.arguments[1].value), inside) if isinstance(inside, Mapping) else ""
