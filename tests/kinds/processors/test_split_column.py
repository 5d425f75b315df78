"""Split column: numbered parts of a text."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared

TEXTS = ["a-b-c", "a", "", None]


def test_parts_are_numbered_and_stand_beside_the_text() -> None:
    found = prepared(a_step("split_column", column="t", separator="-", parts=2), t=TEXTS, x=[1, 2, 3, 4])
    assert list(found) == ["t", "t_0", "t_1", "x"]
    assert found["t_0"] == ["a", "a", "", None]
    assert found["t_1"] == ["b", None, None, None]


def test_the_last_part_may_take_the_rest() -> None:
    step = a_step(
        "split_column", column="t", separator="-", parts=2, rest="keep", prefix="p", keep_original=False
    )
    assert prepared(step, t=TEXTS) == {"p0": ["a", "a", "", None], "p1": ["b-c", None, None, None]}


def test_parts_may_be_counted_from_the_end() -> None:
    step = a_step("split_column", column="t", separator="-", parts=2, rest="keep", from_end=True)
    found = prepared(step, t=TEXTS)
    assert found["t_0"] == ["c", "a", "", None]
    assert found["t_1"] == ["a-b", None, None, None]
