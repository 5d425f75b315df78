"""Forecasting on arrays: reading series, training, quantiles, files."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import ColumnMissing, GoldenBatchMismatch, Invalid, NoRowModel, UntrustedModel
from penstock.ml import forecast_file, forecast_training, forecasts, model_file, series
from penstock.ml.analyses import LocalAnalyses
from penstock.ml.forecast_training import TrainedForecast
from tests.ml.shops import START, design, sales


@cache
def trained() -> TrainedForecast:
    return forecast_training.train(design(), sales())


def weekly(days: int = 60) -> pa.Table:
    """One series that repeats itself every week."""
    values = [float(n % 7) for n in range(days)]
    return pa.table({"day": [START + timedelta(days=n) for n in range(days)], "sales": values})


def alone(**changes: Any) -> Any:
    return design(series=[], externals=[], forecasters=["seasonal_naive"], **changes)


def test_boosting_learns_what_the_season_before_does_not_say_and_wins() -> None:
    found = trained()
    assert found.model.forecaster.kind_name() == "gradient_boosting"
    assert found.metrics["mase"] < 1
    scores = {t["algorithm"]: t["score"] for t in found.report["trials"]}
    assert scores["Gradient boosting"] == found.metrics["mase"] < scores["Seasonal naive"]


def test_the_same_rows_and_seed_give_the_same_model() -> None:
    again = forecast_training.train(design(), sales())
    assert again.model.text == trained().model.text
    assert again.model.bands.tolist() == trained().model.bands.tolist()


def test_a_season_that_comes_again_exactly_is_forecast_exactly() -> None:
    found = forecast_training.train(alone(), weekly())
    (said,) = found.model.forecast(weekly())
    assert said.points is not None
    assert said.points.tolist() == [float((60 + n) % 7) for n in range(5)]
    assert found.metrics["mae"] == 0
    assert "mase" not in found.metrics, "its naive error is 0"
    assert found.report["unavailable"]["mase"]


@pytest.mark.requirement("D55")
def test_there_is_one_horizon_per_series_and_the_quantiles_rise() -> None:
    said = trained().model.forecast(sales(ahead=5))
    assert [one.key for one in said] == [("A",), ("B",)]
    for one in said:
        assert one.points is not None
        assert one.quantiles is not None
        assert (one.points.shape, one.quantiles.shape) == ((5,), (5, 3))
        assert (np.diff(one.quantiles, axis=1) >= 0).all()


def test_nine_in_ten_true_values_lie_below_the_quantile_of_09() -> None:
    found = forecast_training.train(
        design(externals=[], forecasters=["seasonal_naive"]), sales(400, ("A", "B", "C"))
    )
    below = {c["quantile"]: c["below"] for c in found.report["forecast"]["coverage"]}
    assert below[0.1] == pytest.approx(0.1, abs=0.1)
    assert below[0.9] == pytest.approx(0.9, abs=0.1)


def test_only_the_window_counts_so_that_a_query_says_what_a_batch_says() -> None:
    rows, model = sales(ahead=5), trained().model
    tail = pa.concat_tables([rows.slice(120 - 14, 19), rows.slice(250 - 19, 19)])
    every, last = model.forecast(rows), model.forecast(tail)
    for a, b in zip(every, last, strict=True):
        assert a.points is not None
        assert b.points is not None
        assert a.points.tolist() == b.points.tolist()


def broken(change: str) -> pa.Table:
    rows = sales(30, ("A",), ahead=5).to_pylist()
    match change:
        case "gap":
            del rows[20]
        case "twice":
            rows.insert(20, rows[20])
        case "empty":
            rows[20]["sales"] = None
        case "short":
            rows = rows[20:]
        case "no externals":
            rows = rows[:30]
        case "one external":
            rows[32]["holiday"] = None
        case "no date":
            rows[3]["day"] = None
    return pa.Table.from_pylist(rows)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("gap", "Series shop=A is irregular: 2024-01-22 comes after 2024-01-20"),
        ("twice", "Series shop=A has two rows for 2024-01-21"),
        ("empty", "Series shop=A has no sales for 2024-01-21, but values after it"),
        ("short", "Series shop=A has too little history: 10 rows with sales, and 14 are needed"),
        (
            "no externals",
            "Series shop=A lacks 5 rows with future externals \\(holiday\\), the first for 2024-01-31",
        ),
        ("one external", "Series shop=A has no future external holiday for 2024-02-02"),
        ("no date", "Column 'day' has 1 row without a date"),
    ],
)
@pytest.mark.requirement("D55")
def test_what_cannot_be_forecast_is_refused_with_the_series_and_the_date(change: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        trained().model.forecast(broken(change))


def test_a_series_that_was_never_seen_is_ignored_not_guessed() -> None:
    rows = pa.concat_tables([sales(30, ("A",), ahead=5), sales(30, ("Z",))])
    known, unknown = trained().model.forecast(rows)
    assert known.points is not None
    assert (unknown.points, unknown.ignored) == (None, "UNKNOWN_SERIES")
    table = forecasts.as_table([known, unknown], design(), like=rows.schema)
    assert table.num_rows == 10
    assert table["day"].type == pa.date32()
    assert table["forecast"].null_count == 5


def test_too_few_rows_to_train_on_are_told_in_numbers() -> None:
    with pytest.raises(Invalid, match="the longest series has 30 rows, and 34 are needed"):
        forecast_training.train(design(), sales(30))


def test_short_series_are_learned_from_but_told() -> None:
    rows = pa.concat_tables([sales(60, ("A",)), sales(25, ("B",))])
    found = forecast_training.train(design(forecasters=["seasonal_naive"]), rows)
    assert next(d.type for d in found.diagnostics) == "Short series"
    assert set(found.model.known) == {("A",), ("B",)}


def test_a_column_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(ColumnMissing, match="holiday"):
        forecast_training.train(design(externals=["holidays"]), sales())


def test_few_errors_of_a_step_are_taken_together_so_that_quantiles_lie_apart() -> None:
    found = forecast_training.train(
        design(externals=[], test_periods=1, series=[]), sales(60, ("A",)).drop("shop")
    )
    assert (np.diff(found.model.bands, axis=1) > 0).all()


def test_months_are_forecast_by_the_calendar() -> None:
    months = [date(2019 + n // 12, n % 12 + 1, 1) for n in range(72)]
    rows = pa.table({"day": months, "sales": [float(m.month) for m in months]})
    found = forecast_training.train(alone(step={"unit": "month"}, horizon=3), rows)
    (said,) = found.model.forecast(rows)
    assert said.points is not None
    assert said.points.tolist() == [1.0, 2.0, 3.0]


def test_a_saved_model_opens_to_the_same_forecasts_with_and_without_the_python_package(
    tmp_path: Path,
) -> None:
    forecast_file.save(trained(), tmp_path)
    then = trained().model.forecast(sales(ahead=5))
    for native in (True, False):
        now = forecast_file.load(tmp_path, native=native).forecast(sales(ahead=5))
        for a, b in zip(then, now, strict=True):
            assert a.quantiles is not None
            assert b.quantiles is not None
            np.testing.assert_allclose(a.quantiles, b.quantiles, rtol=0, atol=1e-9)


def test_a_changed_file_is_not_opened(tmp_path: Path) -> None:
    forecast_file.save(trained(), tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    bent = {**manifest, "bands": [[b + 1 for b in row] for row in manifest["bands"]]}
    (tmp_path / "manifest.json").write_text(json.dumps(bent))
    with pytest.raises(GoldenBatchMismatch):
        forecast_file.load(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "model.txt").write_text("tree")
    with pytest.raises(UntrustedModel):
        forecast_file.load(tmp_path)


def test_a_forecast_that_came_with_a_bundle_is_judged_as_any_model(tmp_path: Path) -> None:
    forecast_file.save(trained(), tmp_path)
    LocalAnalyses().judge(tmp_path)
    (tmp_path / "model.txt").write_text("tree")
    with pytest.raises(UntrustedModel, match=r"model\.txt"):
        LocalAnalyses().judge(tmp_path)


def test_what_opens_row_models_refuses_a_forecast_and_says_where_to_go(tmp_path: Path) -> None:
    forecast_file.save(trained(), tmp_path)
    with pytest.raises(NoRowModel, match="recipe `forecast`"):
        model_file.load(tmp_path)


def test_series_are_told_apart_by_several_columns_of_any_type() -> None:
    rows = pa.table(
        {"shop": [1, 2, 1], "item": ["a", "a", "b"], "day": [START] * 3, "sales": [1.0, 2.0, 3.0]}
    )
    found = series.read(rows, design(series=["shop", "item"], externals=[]), where="rows")
    assert [one.key for one in found] == [("1", "a"), ("1", "b"), ("2", "a")]
