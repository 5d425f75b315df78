"""Fold: wide becomes long."""

from __future__ import annotations

import pytest

from penstock.core.errors import Invalid
from tests.kinds.processors.given import a_step, prepared


def test_columns_become_rows_in_order() -> None:
    step = a_step("fold", columns={"pattern": "s_.*"}, name="month", value="sales", strip="s_")
    found = prepared(step, s_jan=[1, 2], shop=["a", "b"], s_feb=[3, None])
    assert list(found) == ["shop", "month", "sales"]
    rows = sorted(zip(*found.values(), strict=True), key=str)
    assert rows == [("a", "feb", 3), ("a", "jan", 1), ("b", "feb", None), ("b", "jan", 2)]


def test_empty_cells_may_be_skipped() -> None:
    step = a_step("fold", columns=["x", "y"], skip_empty=True)
    assert sorted(prepared(step, x=["1", ""], y=[None, "2"])["value"]) == ["1", "2"]


def test_different_types_become_texts() -> None:
    assert sorted(prepared(a_step("fold", columns=["x", "y"]), x=[1], y=["b"])["value"]) == ["1", "b"]


def test_nothing_to_fold_is_refused() -> None:
    with pytest.raises(Invalid, match="nothing to fold"):
        prepared(a_step("fold", columns={"pattern": "z"}), x=[1])
