"""Bin numbers: width, boundaries, quantiles."""

from __future__ import annotations

import pytest

from penstock.core.errors import InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


@pytest.mark.parametrize(
    ("settings", "result"),
    [
        ({"width": 10}, ["[0.0, 10.0)", "[10.0, 20.0)", "[-10.0, 0.0)", None]),
        ({"width": 10, "start": 5, "label": "lower"}, [5.0, 5.0, -5.0, None]),
        ({"width": 10, "label": "number"}, [0, 1, -1, None]),
        ({"boundaries": [0, 10]}, ["[0, 10)", ">= 10", "< 0", None]),
        ({"boundaries": [0, 10], "label": "number"}, [1, 2, 0, None]),
    ],
)
def test_numbers_are_put_into_ranges(settings: dict[str, object], result: list[object]) -> None:
    assert (
        prepared(a_step("bin", column="x", output="b", **settings), x=[9.0, 10.0, -1.0, None])["b"] == result
    )


def test_quantiles_are_about_equally_full() -> None:
    step = a_step("bin", column="x", output="b", quantiles=4, label="number")
    found = prepared(step, x=[*range(100), None])["b"]
    assert [found.count(n) for n in range(4)] == [25, 25, 25, 25]
    assert found[-1] is None


@pytest.mark.parametrize(
    "settings", [{}, {"width": 1, "quantiles": 2}, {"boundaries": [2, 1]}, {"quantiles": 2, "label": "lower"}]
)
def test_unclear_settings_are_refused_at_save(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidDefinition):
        a_step("bin", column="x", output="b", **settings)
