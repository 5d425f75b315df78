from __future__ import annotations

import pytest

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import Given, judged

COUNT = "records:COUNT_RECORDS"
OTHER = {"type": "compare_metrics", "metric": COUNT, "other": COUNT, "other_item": "raw"}


@pytest.mark.requirement("A54")
@pytest.mark.parametrize(
    ("operator", "holds"), [("LT", False), ("LTE", True), ("GT", False), ("GTE", True), ("EQ", True)]
)
def test_two_metrics_of_two_datasets_are_compared(operator: str, holds: bool) -> None:
    given = Given(metrics={("", COUNT): 10, ("raw", COUNT): 10})
    found = judged({"x": [1]}, given, **OTHER, operator=operator)
    assert found.verdict is (Verdict.OK if holds else Verdict.ERROR)


def test_numbers_compare_as_numbers_and_anything_else_as_text() -> None:
    numbers = Given(metrics={("", COUNT): 9, ("raw", COUNT): 10.5})
    assert judged({"x": [1]}, numbers, **OTHER, operator="LT").message == "9 < 10.5"
    texts = Given(metrics={("", COUNT): "9", ("raw", COUNT): 10})
    assert judged({"x": [1]}, texts, **OTHER, operator="LT").message == "9 (not < 10)"


@pytest.mark.requirement("A54")
def test_a_metric_nobody_computed_gives_empty() -> None:
    given = Given(metrics={("", COUNT): 9})
    found = judged({"x": [1]}, given, **OTHER, operator="LT")
    assert (found.verdict, found.message) == (Verdict.EMPTY, "there is no value of Record count")
