"""Delete columns: by name, pattern, or type."""

from __future__ import annotations

import pytest

from penstock.core.errors import Invalid, InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


def test_named_columns_are_left_out() -> None:
    assert list(prepared(a_step("delete_columns", columns=["a", "c"]), a=[1], b=[2], c=[3])) == ["b"]


def test_columns_are_chosen_by_pattern_and_type() -> None:
    step = a_step("delete_columns", columns={"pattern": "x_.*", "types": ["double"]})
    assert list(prepared(step, x_1=[1.0], x_2=["a"], y=[2.0])) == ["x_2", "y"]


def test_the_last_column_is_not_deleted() -> None:
    with pytest.raises(Invalid, match="every column"):
        prepared(a_step("delete_columns", columns={}), a=[1])


def test_a_broken_pattern_is_refused_at_save() -> None:
    with pytest.raises(InvalidDefinition, match="not a regular expression"):
        a_step("delete_columns", columns={"pattern": "("})
