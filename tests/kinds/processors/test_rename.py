"""Rename: names change, places and values stay."""

from __future__ import annotations

import pytest

from penstock.core.errors import ColumnMissing, Invalid
from tests.kinds.processors.given import a_step, prepared


def test_columns_get_new_names_in_their_places() -> None:
    found = prepared(a_step("rename", columns={"a": "x", "c": "a"}), a=[1], b=[2], c=[None])
    assert list(found.items()) == [("x", [1]), ("b", [2]), ("a", [None])]


def test_two_columns_cannot_end_up_with_one_name() -> None:
    with pytest.raises(Invalid, match="two columns would be called 'b'"):
        prepared(a_step("rename", columns={"a": "b"}), a=[1], b=[2])


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(ColumnMissing, match="Did you mean carrier"):
        prepared(a_step("rename", columns={"carier": "x"}), carrier=[1])
