"""If, then, else: the first true case decides."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared


def test_the_first_true_case_decides() -> None:
    step = a_step(
        "if_then_else",
        column="delay",
        cases=[
            {"when": {"rules": [{"column": "m", "operator": ">", "value": 60}]}, "then": "long"},
            {"when": {"formula": "m > 15"}, "then_formula": "concat('short: ', m)"},
        ],
        otherwise="none",
    )
    assert prepared(step, m=[100, 20, 5, None])["delay"] == ["long", "short: 20", "none", "none"]


def test_without_an_otherwise_the_cell_is_empty() -> None:
    step = a_step("if_then_else", column="x", cases=[{"when": {"formula": "a > 1"}, "then": 1}])
    assert prepared(step, a=[2, 0])["x"] == [1, None]
