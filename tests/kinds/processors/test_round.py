"""Round numbers: decimals and direction."""

from __future__ import annotations

import pytest

from tests.kinds.processors.given import a_step, prepared


@pytest.mark.parametrize(
    ("settings", "result"),
    [
        ({}, [2, -3, 1234, None]),
        ({"decimals": 1}, [1.5, -2.5, 1234.4, None]),
        ({"decimals": -2}, [0, 0, 1200, None]),
        ({"direction": "up"}, [2, -2, 1235, None]),
        ({"direction": "down", "decimals": 1}, [1.5, -2.5, 1234.4, None]),
        ({"direction": "up", "decimals": -2}, [100, 0, 1300, None]),
    ],
)
def test_numbers_are_rounded(settings: dict[str, object], result: list[float | None]) -> None:
    found = prepared(a_step("round", columns="x", **settings), x=[1.5, -2.5, 1234.44, None])["x"]
    assert found == [None if r is None else pytest.approx(r) for r in result]


def test_texts_are_read_as_numbers() -> None:
    assert prepared(a_step("round", columns="t"), t=["1.6", "", "x", None])["t"] == [2, None, None, None]
