"""Formula: a field that refuses a broken text when it is saved."""

from __future__ import annotations

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition, InvalidExpression
from penstock.core.formula import Formula
from penstock.core.kind import Definition


class Holder(Definition):
    formula: Formula


def test_a_formula_keeps_the_text_as_it_was_typed() -> None:
    holder = Holder.model_validate({"formula": "amount>10  &&isNull( x )"})
    assert holder.formula == "amount>10  &&isNull( x )"
    assert holder.to_mapping() == {"formula": "amount>10  &&isNull( x )"}
    assert holder.formula.columns() == ("amount", "x")


def test_a_broken_formula_is_refused_at_save_with_field_and_character() -> None:
    with pytest.raises(
        InvalidDefinition, match=r"formula: Character 1: There is no function 'roud'. Did you mean round"
    ):
        registry.validate(Holder, {"formula": "roud(amount)"})
    with pytest.raises(InvalidExpression):
        Formula("1 +")


def test_a_formula_with_variables_is_checked_before_they_have_values() -> None:
    formula = Formula("day >= '${start}' && amount > ${limit}")
    assert formula.variables() == {"start", "limit"}
    assert formula.expanded({"start": "2013-01-01", "limit": 5}) == "day >= '2013-01-01' && amount > 5"
    with pytest.raises(InvalidExpression):
        Formula("amount > ${limit} +")
