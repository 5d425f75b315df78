from __future__ import annotations

from typing import Any

import pytest

from penstock.core.check import suggested
from penstock.core.errors import InvalidDefinition
from penstock.core.metric import DATA_DRIFT, performance_id
from penstock.core.outcome import Verdict
from tests.kinds.checks.given import check, judged

AUC = performance_id("auc")


def drift(value: float, **bounds: Any) -> tuple[str, str]:
    found = judged({DATA_DRIFT: value}, type="numeric_range", metric=DATA_DRIFT, **bounds)
    return found.verdict.value, found.message


@pytest.mark.requirement("M46", "A41")
@pytest.mark.parametrize(
    ("value", "verdict", "message"),
    [
        (0.25, "OK", "0.25"),
        (0.3, "OK", "0.3"),
        (0.35, "WARNING", "0.35 (> 0.3)"),
        (0.4, "WARNING", "0.4 (> 0.3)"),
        (0.41, "ERROR", "0.41 (> 0.4)"),
        (0.52, "ERROR", "0.52 (> 0.4)"),
    ],
)
def test_soft_and_hard_maximum_with_the_bounds_inside(value: float, verdict: str, message: str) -> None:
    assert drift(value, soft_maximum=0.3, maximum=0.4) == (verdict, message)


@pytest.mark.requirement("M47", "A42")
def test_a_soft_maximum_alone_never_makes_an_error() -> None:
    assert drift(0.52, soft_maximum=0.45) == ("WARNING", "0.52 (> 0.45)")
    assert drift(0.50, soft_maximum=0.45)[0] == "WARNING"
    assert drift(1e9, soft_maximum=0.45)[0] == "WARNING"


@pytest.mark.requirement("M48")
@pytest.mark.parametrize(
    ("auc", "verdict"), [(0.69, "ERROR"), (0.7, "WARNING"), (0.75, "WARNING"), (0.8, "OK")]
)
def test_soft_and_hard_minimum(auc: float, verdict: str) -> None:
    found = judged({AUC: auc}, type="numeric_range", metric=AUC, minimum=0.7, soft_minimum=0.8)
    assert found.verdict is Verdict(verdict)


@pytest.mark.requirement("M49")
def test_a_bound_that_is_not_enabled_is_ignored_even_when_it_is_zero() -> None:
    off = {"value": 0.0, "enabled": False}
    assert drift(0.9, maximum=1, soft_maximum=off, minimum=off, soft_minimum=off) == ("OK", "0.9")
    assert drift(0.9, maximum=0) == ("ERROR", "0.9 (> 0)")
    assert drift(0.9, maximum={"value": 0.5, "enabled": True})[0] == "ERROR"
    assert drift(0.9, maximum=None, minimum=0)[0] == "OK"


def test_a_range_without_any_limit_in_use_judges_nothing_and_says_so() -> None:
    off = {"value": 0.3, "enabled": False}
    for bounds in ({}, {"maximum": off}, {"maximum": off, "soft_maximum": off, "minimum": off}):
        verdict, message = drift(0.9, **bounds)
        assert verdict == "EMPTY"
        assert message.startswith("0.9. No limit is switched on")


@pytest.mark.requirement("M50", "A41")
def test_a_metric_nobody_computed_gives_empty_and_the_nearest_name() -> None:
    found = judged({"drift:DATA_DRIFTS": 0.5}, type="numeric_range", metric=DATA_DRIFT, maximum=0.4)
    assert found.verdict is Verdict.EMPTY
    assert found.message == "no value of Data Drift yet. Did you mean drift:DATA_DRIFTS?"


def test_a_text_is_an_error() -> None:
    found = judged({"python:x:y": "high"}, type="numeric_range", metric="python:x:y", maximum=1)
    assert found.verdict is Verdict.ERROR


def test_the_message_never_shows_two_equal_numbers() -> None:
    assert drift(0.30000000001, maximum=0.3) == ("ERROR", "0.30000000001 (> 0.3)")


def test_a_bound_is_written_as_a_plain_number_or_kept_with_its_switch() -> None:
    plain = {"type": "numeric_range", "name": "Data Drift < 0.4", "metric": DATA_DRIFT, "maximum": 0.4}
    kept = {**plain, "minimum": {"value": 0.1, "enabled": False}}
    assert check(**plain).to_mapping() == plain
    assert check(**kept).to_mapping() == kept


def test_a_bound_must_be_a_finite_number() -> None:
    with pytest.raises(InvalidDefinition, match=r"maximum"):
        check(type="numeric_range", name="x", metric=AUC, maximum=float("nan"))


def test_the_suggested_check_on_data_drift_is_silent_without_drift() -> None:
    suggestion = check(**suggested(DATA_DRIFT)).to_mapping()
    assert 0.5 < suggestion["soft_maximum"] < suggestion["maximum"]
