"""Words that are no outcome where a formula compares them with one: `outcome == 'FAIL'` is silently never true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from penstock.core.errors import InvalidExpression, nearest
from penstock.core.expression import Call, Column, Expression, Literal, Variable
from penstock.core.formula import Formula
from penstock.core.outcome import Outcome, Verdict
from penstock.core.variables import expand_text, names_in

COMPARISONS = ("equal", "not_equal", "is_in")
OF_STEP = "stepOutcome_"
MEANT = {
    Verdict.OK.value: Outcome.SUCCESS, Verdict.ERROR.value: Outcome.FAILED, Verdict.EMPTY.value: Outcome.WARNING,
    "DONE": Outcome.SUCCESS, "SUCCEEDED": Outcome.SUCCESS, "PASSED": Outcome.SUCCESS, "KO": Outcome.FAILED,
}  # fmt: skip
"""What people write → the outcome they mean; words of checks first."""


def flaws(formula: Formula, values: Mapping[str, Any] | None = None) -> list[str]:
    """A sentence for each word that no outcome can be equal to. Words with `${variables}` are looked at only when
    there are values to fill in."""
    found = (
        _flaw(word, values)
        for node in formula.expression.walk() if isinstance(node, Call) and node.function in COMPARISONS
        for word in _beside_outcome(node)
    )  # fmt: skip
    return list(dict.fromkeys(said for said in found if said))


def check(formula: Formula, values: Mapping[str, Any] | None = None) -> None:
    """Raise InvalidExpression for the first of them."""
    for said in flaws(formula, values):
        raise InvalidExpression(said, text=formula)


def _beside_outcome(call: Call) -> Iterator[Expression]:
    """What a comparison holds an outcome against: each element of a list too."""
    if any(_is_outcome(argument) for argument in call.arguments):
        for other in call.arguments:
            yield from other.parts() if isinstance(other, Call) and other.function == "array" else (other,)


def _is_outcome(node: Expression) -> bool:
    """Whether this is the outcome of the run or of one of its steps, however it is written."""
    match node:
        case Column(name=name) | Variable(name=name):
            return _is_name_of_outcome(name)
        case Literal(value=str() as text):
            names = names_in(text)
            return len(names) == 1 and text.strip() == f"${{{names[0]}}}" and _is_name_of_outcome(names[0])
        case Call(function="field", arguments=(Column(name=name) | Variable(name=name), Literal(value=key))):
            return name == "stepOutcomes" or (name.startswith("stepResult_") and key == "outcome")
        case Call(
            function="item", arguments=(Column(name="stepOutcomes") | Variable(name="stepOutcomes"), _)
        ):
            return True
    return False


def _is_name_of_outcome(name: str) -> bool:
    return name == "outcome" or name.startswith(OF_STEP)


def _flaw(node: Expression, values: Mapping[str, Any] | None) -> str:
    if not isinstance(node, Literal) or node.value is None or _is_outcome(node):
        return ""
    word = str(node.value)
    if names_in(word):
        if values is None:
            return ""
        word = expand_text(word, values)
    return "" if word in list(Outcome) else _sentence(word)


def _sentence(word: str) -> str:
    upper = word.strip().upper()
    near = (
        [MEANT[upper].value] if upper in MEANT else nearest(word.strip(), [o.value for o in Outcome], most=1)
    )
    what = (
        "is a verdict of checks and no outcome"
        if upper in list(Verdict) and upper not in list(Outcome)
        else "is no outcome"
    )
    right = f"Did you mean {near[0]}?" if near else f"There are {', '.join(Outcome)}."
    return f"'{word}' {what}, so nothing is ever equal to it. {right}"
