"""Days and hours of a zone, over the changes of its clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from penstock.core.errors import Invalid
from penstock.core.forecasting import ForecastDesign
from penstock.ml import forecast_file, forecast_training, forecasts, later_rows, series
from tests.ml.shops import design

PARIS = ZoneInfo("Europe/Paris")
AWARE = pa.timestamp("us", "UTC")


def by(unit: str = "day", zone: str = "Europe/Paris", horizon: int = 5) -> ForecastDesign:
    return design(
        series=[],
        externals=[],
        step={"unit": unit},
        horizon=horizon,
        zone=zone,
        forecasters=["seasonal_naive"],
    )


def midnights(start: tuple[int, int, int], days: int) -> list[datetime]:
    """The instants at which days begin in Paris."""
    first = datetime(*start)
    return [(first + timedelta(days=n)).replace(tzinfo=PARIS).astimezone(UTC) for n in range(days)]


def rows(times: list[datetime], type_: pa.DataType = AWARE) -> pa.Table:
    return pa.table({"day": pa.array(times, type_), "sales": [float(n % 7) for n in range(len(times))]})


@pytest.mark.parametrize("start", [(2024, 1, 31), (2024, 8, 28)], ids=["spring", "autumn"])
def test_no_day_is_lost_or_doubled_when_clocks_change(start: tuple[int, int, int]) -> None:
    times = midnights(start, 70)
    (one,) = series.read(rows(times[:60]), by(), where="rows")
    series.check(one, by())
    assert (np.diff(one.times) == 86_400_000_000).all()
    model = forecast_training.train(by(), rows(times[:60])).model
    said = forecasts.as_table(model.forecast(rows(times[:60])), by(), like=rows(times).schema)
    assert said["day"].to_pylist() == times[60:65]
    assert said["forecast"].to_pylist() == [float(n % 7) for n in range(60, 65)]


def test_forecasts_over_the_change_are_of_midnights_there() -> None:
    times = midnights((2024, 2, 1), 65)
    model = forecast_training.train(by(), rows(times[:58])).model
    said = forecasts.as_table(model.forecast(rows(times[:58])), by(), like=rows(times).schema)
    assert said["day"].to_pylist() == times[58:63], "29 March to 2 April: clocks change on the 31st"
    later = later_rows.judged(model, rows(times), where="later").test
    assert later.metrics["mae"] == 0


def test_without_the_zone_the_error_says_what_to_do() -> None:
    utc = by(zone="")
    (one,) = series.read(rows(midnights((2024, 3, 1), 60)), utc, where="rows")
    with pytest.raises(Invalid) as told:
        series.check(one, utc)
    assert "zone: Europe/Paris" in (told.value.hint or "")


def test_dates_and_times_without_a_zone_are_those_of_its_clocks() -> None:
    days = [t.astimezone(PARIS).replace(tzinfo=None) for t in midnights((2024, 3, 1), 60)]
    for type_ in (pa.timestamp("us"), pa.date32(), pa.string()):
        column = [d.date() if type_ == pa.date32() else str(d) if type_ == pa.string() else d for d in days]
        (one,) = series.read(rows(column, type_), by(), where="rows")  # type: ignore[arg-type]
        series.check(one, by())


def test_hours_pass_as_they_do_and_are_told_on_the_clock() -> None:
    start = datetime(2024, 3, 28, tzinfo=UTC)
    hours = [start + timedelta(hours=n) for n in range(100)]
    wall = [h.astimezone(PARIS).replace(tzinfo=None) for h in hours]
    (aware,) = series.read(rows(hours), by("hour"), where="rows")
    (plain,) = series.read(rows(wall, pa.timestamp("us")), by("hour"), where="rows")
    assert aware.times.tolist() == plain.times.tolist()
    series.check(plain, by("hour"))


def test_a_saved_model_reads_times_as_it_did(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for unit, times in (
        ("day", midnights((2024, 2, 1), 65)),
        ("hour", [datetime(2024, 3, 28, tzinfo=UTC) + timedelta(hours=n) for n in range(100)]),
    ):
        folder = tmp_path / unit
        forecast_file.save(forecast_training.train(by(unit), rows(times)), folder)
        said = forecast_file.load(folder).forecast(rows(times))
        assert forecasts.as_table(said, by(unit), like=rows(times).schema)["day"][0].as_py() > times[-1]


@pytest.mark.parametrize("zone", ["Europe/Pariss", "server"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises((ValidationError, Invalid), match="zone"):
        by(zone=zone)
