"""Formula: a column computed from the others."""

from __future__ import annotations

import pytest

from penstock.core.errors import InvalidDefinition, InvalidExpression
from tests.kinds.processors.given import a_step, prepared


def test_a_new_column_comes_last_and_an_old_one_keeps_its_place() -> None:
    found = prepared(a_step("formula", column="c", formula="a + b"), a=[1, None], b=[2, 2])
    assert list(found.items()) == [("a", [1, None]), ("b", [2, 2]), ("c", [3, None])]
    found = prepared(a_step("formula", column="a", formula="upper(a)"), a=["x", ""], b=[2, 2])
    assert list(found.items()) == [("a", ["X", ""]), ("b", [2, 2])]


def test_a_broken_formula_is_refused_at_save() -> None:
    with pytest.raises(InvalidDefinition, match="Did you mean upper"):
        a_step("formula", column="c", formula="uper(a)")


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(InvalidExpression, match="Did you mean amount"):
        prepared(a_step("formula", column="c", formula="amont * 2"), amount=[1])
