"""Move columns: start, end, before, after."""

from __future__ import annotations

import pytest

from penstock.core.errors import Invalid
from tests.kinds.processors.given import a_step, prepared


@pytest.mark.parametrize(
    ("settings", "order"),
    [
        ({"columns": ["c"], "to": "start"}, "cabd"),
        ({"columns": ["a"], "to": "end"}, "bcda"),
        ({"columns": ["d", "c"], "to": "before", "column": "b"}, "adcb"),
        ({"columns": ["a"], "to": "after", "column": "c"}, "bcad"),
    ],
)
def test_columns_go_where_they_are_sent(settings: dict[str, object], order: str) -> None:
    assert "".join(prepared(a_step("move_column", **settings), a=[1], b=[2], c=[3], d=[4])) == order


def test_a_column_does_not_go_beside_itself() -> None:
    with pytest.raises(Invalid, match="beside itself"):
        prepared(a_step("move_column", columns="a", to="after", column="a"), a=[1], b=[2])
