"""Copy column: a twin beside the original."""

from __future__ import annotations

import pytest

from penstock.core.errors import Invalid
from tests.kinds.processors.given import a_step, prepared


def test_the_copy_stands_right_after_the_original() -> None:
    found = prepared(a_step("copy_column", column="a", output="twin"), a=["x", None], b=[1, 2])
    assert list(found.items()) == [("a", ["x", None]), ("twin", ["x", None]), ("b", [1, 2])]


def test_an_existing_name_is_refused() -> None:
    with pytest.raises(Invalid, match="'b' already"):
        prepared(a_step("copy_column", column="a", output="b"), a=[1], b=[2])
