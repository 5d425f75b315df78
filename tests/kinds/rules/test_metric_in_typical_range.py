from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from penstock.core.metric import MetricValue
from penstock.core.outcome import Verdict
from tests.kinds.rules.given import Given, judged, rule

COUNT = "records:COUNT_RECORDS"
SETTINGS = {"type": "metric_in_typical_range", "metric": COUNT}


def after(*values: float, days_apart: float = 1.0) -> Given:
    """A dataset with these past values, the last one being the latest."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    points = [
        MetricValue(
            key=Given().key, metric_id=COUNT, data_type="DOUBLE", value=repr(float(v)),
            computed_at=start + timedelta(days=i * days_apart),
        )
        for i, v in enumerate(values)
    ]  # fmt: skip
    return Given(histories={COUNT: points})


def verdict(given: Given, **settings: Any) -> Verdict:
    return judged({"x": [1]}, given, **SETTINGS, **settings).verdict


PAST = (98, 99, 100, 101, 102)  # Q1 = 99, Q3 = 101, so soft bounds 96 and 104, hard bounds 93 and 107


@pytest.mark.parametrize(
    ("now", "said"),
    [(104, "OK"), (104.5, "WARNING"), (107, "WARNING"), (107.5, "ERROR"), (96, "OK"), (92, "ERROR")],
)
def test_a_value_is_held_against_the_quartiles_of_the_earlier_ones(now: float, said: str) -> None:
    assert verdict(after(*PAST, now)) is Verdict(said)


def test_it_says_nothing_before_it_has_learnt_enough() -> None:
    assert verdict(after(1, 2, 3, 4, 500)) is Verdict.EMPTY
    assert verdict(after(1, 2, 500), unit="days", learn=7) is Verdict.EMPTY
    assert verdict(Given()) is Verdict.EMPTY


def test_in_days_too_few_values_are_a_warning() -> None:
    assert verdict(after(*PAST, 100, days_apart=20), unit="days", window=30) is Verdict.WARNING


def test_what_lies_before_the_window_is_forgotten() -> None:
    assert verdict(after(9000, 9000, 9000, *PAST, 100), window=5) is Verdict.OK


def test_the_stable_id_follows_the_metric() -> None:
    assert rule(**SETTINGS).stable_id == "DriftRecordCountRule"
    assert rule(**{**SETTINGS, "metric": "col_stats:MEAN:a:b"}).stable_id == "DriftColumnAvgRule"
    assert rule(**{**SETTINGS, "metric": "python:x:y"}).stable_id == "DriftMetricRule"
