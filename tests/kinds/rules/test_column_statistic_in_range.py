from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged, rule

NAN = float("nan")


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("min", 1), ("max", 4), ("avg", 2.5), ("sum", 10), ("median", 2.5), ("stddev", 1.29099)],
)
def test_each_statistic_is_that_of_the_filled_cells(statistic: str, value: float) -> None:
    rows = {"x": [1.0, 2.0, None, 3.0, 4.0, NAN]}
    settings = {"type": "column_statistic_in_range", "column": "x", "statistic": statistic}
    found = judged(rows, **settings, minimum=value - 0.001, maximum=value + 0.001)
    assert found.verdict is Verdict.OK
    assert float(found.observed) == pytest.approx(value, abs=1e-4)
    assert judged(rows, **settings, maximum=value - 0.001).verdict is Verdict.ERROR
    assert judged(rows, **settings, soft_maximum=value - 0.001).verdict is Verdict.WARNING


def test_a_column_without_values_gives_empty_not_error() -> None:
    rows = {"x": pa.array([None, None], pa.float64())}
    found = judged(pa.table(rows), type="column_statistic_in_range", column="x", statistic="avg", minimum=1)
    assert found.verdict is Verdict.EMPTY


def test_a_text_column_and_a_missing_one_are_named() -> None:
    with pytest.raises(Invalid, match="'x' of dataset transactions is string"):
        judged({"x": ["a"]}, type="column_statistic_in_range", column="x", statistic="avg")
    with pytest.raises(ColumnMissing, match="Did you mean card_age"):
        judged({"card_age": [1]}, type="column_statistic_in_range", column="card_aeg", statistic="avg")


def test_the_stable_id_follows_the_statistic() -> None:
    chosen = rule(type="column_statistic_in_range", column="x", statistic="stddev")
    assert chosen.stable_id == "ColumnStdDevInRangeRule"
