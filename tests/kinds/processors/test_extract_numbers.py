"""Extract numbers out of texts."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared


def test_the_first_number() -> None:
    step = a_step("extract_numbers", column="t", output="n")
    found = prepared(step, t=["12.5 cm", "size -3", "none", "", None, "A4"])
    assert found["n"] == [12.5, -3.0, None, None, None, 4.0]


def test_several_numbers_with_a_decimal_comma() -> None:
    step = a_step("extract_numbers", column="t", output="n", most=3, decimal=",")
    found = prepared(step, t=["2,5 x 30 mm", "7"])
    assert [found[f"n_{i}"] for i in range(3)] == [[2.5, 7.0], [30.0, None], [None, None]]
