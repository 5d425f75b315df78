"""Keep columns: only these, in this order."""

from __future__ import annotations

import pytest

from penstock.core.errors import Invalid
from tests.kinds.processors.given import a_step, prepared


def test_only_the_named_columns_stay_in_the_named_order() -> None:
    found = prepared(a_step("keep_columns", columns=["c", "a"]), a=[1], b=[2], c=[3])
    assert list(found.items()) == [("c", [3]), ("a", [1])]


def test_a_single_name_is_enough() -> None:
    assert list(prepared(a_step("keep_columns", columns="b"), a=[1], b=[2])) == ["b"]


def test_no_column_at_all_is_refused() -> None:
    with pytest.raises(Invalid):
        prepared(a_step("keep_columns", columns={"pattern": "z"}), a=[1])
