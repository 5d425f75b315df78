from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from tests.kinds.probes.given import measured, probe

EVERYTHING = ["MIN", "MAX", "MEAN", "SUM", "STDDEV", "MEDIAN", "COUNT", "COUNT_DISTINCT", "COUNT_EMPTY"]
NAN = float("nan")


def statistics(cells: object, *aggregates: str) -> dict[str, object]:
    found = measured(pa.table({"x": cells}), type="column_statistics", aggregates=aggregates or EVERYTHING)
    return {metric_id.split(":")[1]: value for metric_id, value in found.items()}


def test_empty_and_nan_cells_count_only_as_empty() -> None:
    found = statistics([1.0, 2.0, 2.0, 5.0, None, NAN])
    assert found == {
        "MIN": 1.0, "MAX": 5.0, "MEAN": 2.5, "SUM": 10.0, "STDDEV": pytest.approx(1.7320508), "MEDIAN": 2.0,
        "COUNT": 4, "COUNT_DISTINCT": 3, "COUNT_EMPTY": 2,
    }  # fmt: skip


def test_texts_have_an_order_but_no_mean() -> None:
    found = statistics(["b", "", "a", None], "MIN", "COUNT_EMPTY", "MEAN")
    assert found == {"MIN": "a", "COUNT_EMPTY": 2, "MEAN": "column 'x' is string, not a number."}


def test_dates_have_a_first_and_a_last() -> None:
    assert statistics([date(2026, 1, 2), date(2026, 1, 1)], "MIN") == {"MIN": date(2026, 1, 1)}


def test_a_column_without_rows_has_no_mean_and_counts_of_zero() -> None:
    found = statistics(pa.array([], pa.float64()), "MEAN", "COUNT", "COUNT_EMPTY")
    assert found == {"MEAN": None, "COUNT": 0, "COUNT_EMPTY": 0}


def test_a_missing_column_says_so_and_the_others_are_computed() -> None:
    found = measured({"a": [1]}, type="column_statistics", columns=["a", "b"], aggregates=["MAX"])
    assert found == {"col_stats:MAX:a": 1, "col_stats:MAX:b": "there is no column 'b'."}


def test_the_ids_are_known_without_computing() -> None:
    chosen = probe(type="column_statistics", aggregates=["MIN", "MAX"])
    assert list(chosen.metric_ids(["a"])) == ["col_stats:MIN:a", "col_stats:MAX:a"]


def test_aggregates_may_be_written_small() -> None:
    assert statistics([1, 3], "mean", "Max") == {"MEAN": 2.0, "MAX": 3}
