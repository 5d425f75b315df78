from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from penstock.core.metric import (
    DATA_DRIFT,
    MetricValue,
    NoValue,
    ObjectKey,
    encode,
    id_of,
    label,
    performance_id,
    univariate_id,
)

KEY = ObjectKey(project="FRAUD", type="evaluation_store", name="mes")


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (3, ("BIGINT", "3")),
        (Decimal("12"), ("BIGINT", "12")),
        (Decimal("1.5"), ("DOUBLE", "1.5")),
        (0.1, ("DOUBLE", "0.1")),
        (True, ("BOOLEAN", "true")),
        ("a", ("STRING", "a")),
        (date(2026, 1, 2), ("DATE", "2026-01-02")),
        ([1, "é"], ("ARRAY", '[1, "é"]')),
    ],
)
def test_a_plain_value_becomes_its_type_and_text(value: Any, encoded: tuple[str, str]) -> None:
    assert encode(value) == encoded


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_is_no_value_is_never_encoded(value: Any) -> None:
    with pytest.raises(NoValue):
        encode(value)


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3.0), (0.5, 0.5), (True, 1.0), (False, 0.0), ("a", None), ([1], None)]
)
def test_a_stored_value_reads_back_as_it_was_with_its_numeric_twin(value: Any, number: float | None) -> None:
    kind, text = encode(value)
    point = MetricValue(key=KEY, metric_id="m", data_type=kind, value=text, computed_at=datetime.now(UTC))
    assert (point.get_value(), point.number) == (value, number)


@pytest.mark.requirement("M45", "A40")
def test_every_metric_has_a_name_for_people() -> None:
    assert label(DATA_DRIFT) == "Data Drift"
    assert label(univariate_id("card:age", "ks")) == "KS p-value of card:age"
    assert label("col_stats:MEAN:fare") == "Mean of fare"
    assert label("sql_query:n:amounts") == "n (amounts)"
    assert label(performance_id("no_such_score")) == "no_such_score"


def test_a_metric_may_be_named_by_its_id_or_by_its_label() -> None:
    assert id_of("Data Drift") == DATA_DRIFT
    assert id_of(DATA_DRIFT) == DATA_DRIFT
    assert id_of(label(performance_id("auc"))) == performance_id("auc")
    assert id_of("no such metric") == "no such metric"
