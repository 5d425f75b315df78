"""Format date: dates become texts."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.core.errors import InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


def test_dates_are_written_in_the_format() -> None:
    step = a_step("format_date", column="d", format="dd/MM/yyyy", output="text")
    found = prepared(step, d=[date(2013, 4, 1), None], x=[1, 2])
    assert list(found) == ["d", "text", "x"]
    assert found["text"] == ["01/04/2013", None]


def test_a_format_we_cannot_write_is_refused_at_save() -> None:
    with pytest.raises(InvalidDefinition, match="not one we can write"):
        a_step("format_date", column="d", format="%Q")
