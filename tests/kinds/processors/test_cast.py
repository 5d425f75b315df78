"""Change type: what cannot be read becomes empty."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pytest

from tests.kinds.processors.given import a_step, prepared


@pytest.mark.parametrize(
    ("to", "result", "type_"),
    [
        ("double", [1.0, 2.5, None, None, None], pa.float64()),
        ("int", [1, 2, None, None, None], pa.int32()),
        ("tinyint", [1, 2, None, None, None], pa.int8()),
        ("boolean", [None, None, None, True, None], pa.bool_()),
        ("string", ["1", "2.5", "", "true", None], pa.string()),
    ],
)
def test_texts_become_another_type(to: str, result: list[object], type_: pa.DataType) -> None:
    step = a_step("cast", columns="t", to=to)
    assert prepared(step, t=["1", "2.5", "", "true", None])["t"] == result


def test_numbers_that_do_not_fit_become_empty() -> None:
    assert prepared(a_step("cast", columns="n", to="tinyint"), n=[127, 128, -128, -129])["n"] == [
        127,
        None,
        -128,
        None,
    ]


def test_texts_become_dates_and_dates_texts() -> None:
    found = prepared(a_step("cast", columns="t", to="date"), t=["2013-04-01T10:00:00", "x", ""])["t"]
    assert found == [date(2013, 4, 1), None, None]
    assert prepared(a_step("cast", columns="d", to="string"), d=[date(2013, 4, 1)])["d"] == ["2013-04-01"]
    assert prepared(a_step("cast", columns="t", to="datetime"), t=["2013-04-01"])["t"] == [
        datetime(2013, 4, 1)
    ]
