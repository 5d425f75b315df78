"""Univariate drift: every column of two sides, judged."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from penstock.core import metric
from penstock.core.drift import ColumnHandling, DriftSettings
from penstock.core.drift_report import ColumnDrift, Univariate
from penstock.ml.columns import StoredColumns, columns_of, write_profiles
from penstock.ml.drift import report
from penstock.ml.univariate import univariate

ONE = DriftSettings(threads=1)


def sides(
    n: int = 2_000, m: int = 1_500, *, shift: dict[str, float] | None = None, seed: int = 0
) -> list[pa.Table]:
    """Six numeric and three categorical columns; `shift` moves some by standard deviations (or shares)."""
    random, shift = np.random.default_rng(seed), shift or {}
    found = []
    for rows, moved in ((n, {}), (m, shift)):
        data = {f"n{k}": random.normal(moved.get(f"n{k}", 0.0), 1, rows) for k in range(6)}
        for k in range(3):
            share = 0.25 + moved.get(f"c{k}", 0.0)
            data[f"c{k}"] = random.choice(list("abcd"), rows, p=[share, *[(1 - share) / 3] * 3])
        found.append(pa.table(data))
    return found


def row(found: Univariate, name: str) -> ColumnDrift:
    column = found.column(name)
    assert column is not None
    return column


@pytest.mark.requirement("M67")
def test_numbers_have_ks_and_psi_and_categories_chi_square_and_psi() -> None:
    found = univariate(*sides(), settings=ONE)
    assert set(row(found, "n0").distances) == {"ks", "psi", "wasserstein", "jensen_shannon"}
    assert set(row(found, "c0").distances) == {"chi_square", "psi", "jensen_shannon"}
    assert all(row(found, c).p_value() is not None and row(found, c).psi() is not None for c in ("n0", "c0"))


@pytest.mark.requirement("M72")
@pytest.mark.parametrize("seed", range(5))
def test_exactly_the_two_shifted_columns_drift_and_lead_the_ranking(seed: int) -> None:
    found = univariate(*sides(shift={"n3": 0.5, "c1": 0.2}, seed=seed), settings=ONE)
    assert set(found.drifted) == {"n3", "c1"}
    assert {c.column for c in found.ranked()[:2]} == {"n3", "c1"}
    assert {c.verdict for c in found.ranked()[2:]} == {"inconclusive"}


def test_without_drift_false_alarms_are_rare_over_the_whole_table() -> None:
    runs = [
        univariate(*sides(600, 400, seed=seed), settings=ONE.changed(histograms=False)) for seed in range(60)
    ]
    assert sum(bool(found.drifted) for found in runs) <= 6


@pytest.mark.requirement("M70")
def test_all_rows_of_both_sides_are_used() -> None:
    found = row(univariate(*sides(179, 891), settings=ONE), "n0")
    assert found.reference_rows + found.current_rows == 1_070
    assert found.histogram is not None
    assert sum(found.histogram.reference) + sum(found.histogram.current) == 1_070


def test_corrected_p_values_equal_scipys_over_the_tests_of_all_columns() -> None:
    found = univariate(*sides(shift={"n3": 0.1}), settings=ONE)
    own = [c.distances.get("ks") or c.distances["chi_square"] for c in found.columns]
    expected = stats.false_discovery_control([r.p_value for r in own])
    np.testing.assert_allclose([r.corrected_p or 0 for r in own], expected, atol=1e-12)


def test_a_tiny_shift_in_many_rows_is_significant_and_still_no_drift() -> None:
    found = row(univariate(*sides(60_000, 60_000, shift={"n0": 0.03}), settings=ONE), "n0")
    assert (found.p_value() or 1) < 0.01
    assert found.verdict == "inconclusive"


@pytest.mark.parametrize("share", [1.0, 0.2, 0.05])
def test_a_verdict_is_stable_when_fewer_rows_are_looked_at(share: float) -> None:
    n = int(30_000 * share)
    found = univariate(*sides(n, n, shift={"n1": 0.4, "n2": 0.02}), settings=ONE)
    assert found.drifted == ("n1",)


def test_eight_rows_are_not_enough_data() -> None:
    found = univariate(*sides(8, 8, shift={"n0": 9.0}), settings=ONE)
    assert {c.verdict for c in found.columns} == {"not enough data"}


@pytest.mark.requirement("M71")
def test_forcing_a_number_to_categories_changes_its_test() -> None:
    reference, current = (pa.table({"code": np.arange(n) % 4}) for n in (400, 300))
    forced = ONE.changed(columns={"code": ColumnHandling(handling="categorical")})
    found = row(univariate(reference, current, settings=forced), "code")
    assert (found.handling, found.default_handling) == ("categorical", "numerical")
    assert "chi_square" in found.distances
    assert "ks" not in found.distances


@pytest.mark.requirement("M71")
def test_an_impossible_forcing_is_a_row_that_says_why_and_the_rest_computes() -> None:
    forced = ONE.changed(columns={"c0": ColumnHandling(handling="numerical")})
    found = univariate(*sides(), settings=forced)
    assert row(found, "c0").handling == "ignored"
    assert "Could not treat column 'c0' as numerical" in row(found, "c0").reason
    assert row(found, "c0").verdict is None
    assert row(found, "n0").verdict is not None
    assert any("'c0' was left out" in w for w in found.warnings)


ODD = {
    "constant": [7.0] * 100,
    "all_missing": pa.nulls(100),
    "all_missing_numbers": pa.nulls(100, pa.float64()),
    "all_missing_dates": pa.nulls(100, pa.timestamp("us")),
    "nan": [float("nan")] * 100,
    "infinite": [float("inf"), 1.0] * 50,
    "boolean": [True, False] * 50,
    "date": [dt.date(2024, 1, 1 + n % 28) for n in range(100)],
    "many": [f"id{n}" for n in range(100)],
    "nested": [[n] for n in range(100)],
    "huge": [1.7e308, -1.7e308] * 50,
}


@pytest.mark.requirement("M73")
def test_odd_columns_break_nothing_and_nothing_is_nan() -> None:
    table = pa.table(ODD)
    for other in (table, table.slice(0, 0), table.slice(0, 1)):
        for pair in ((table, other), (other, table)):
            found = univariate(*pair, settings=ONE)
            assert [c.column for c in found.columns] == list(ODD)
            json.dumps(found.to_dict(), allow_nan=False)
            assert not found.drifted


@pytest.mark.requirement("M73")
def test_ten_thousand_categories_on_both_sides_are_no_drift_and_new_ones_recommend_exclusion() -> None:
    random = np.random.default_rng(0)
    reference = pa.table(
        {"id": [f"r{k}" for k in range(10_000)], "shop": random.integers(0, 10_000, 10_000).astype(str)}
    )
    current = pa.table(
        {"id": [f"c{k}" for k in range(10_000)], "shop": random.integers(0, 10_000, 10_000).astype(str)}
    )
    found = univariate(reference, current, settings=ONE)
    assert row(found, "shop").verdict == "inconclusive"
    assert any("'id'" in w and "identifier" in w for w in found.warnings)


def test_a_column_that_goes_missing_drifts_by_its_missing_values() -> None:
    reference = pa.table({"x": pa.array(np.arange(500.0))})
    current = pa.table({"x": pa.nulls(400, pa.float64())})
    found = row(univariate(reference, current, settings=ONE), "x")
    assert found.verdict == "drift"
    assert found.missing is not None
    assert (found.missing.reference, found.missing.current) == (0.0, 1.0)
    assert found.distances["ks"].reason


def test_missing_values_drift_on_their_own_measure_while_the_values_stay() -> None:
    random = np.random.default_rng(0)
    reference, values = random.normal(size=3_000), random.normal(size=3_000)
    holes = np.where(random.random(3_000) < 0.2, np.nan, values)
    found = row(univariate(pa.table({"x": reference}), pa.table({"x": holes}), settings=ONE), "x")
    assert found.missing is not None
    assert found.missing.lower < 0.2 < found.missing.upper
    assert (found.p_value() or 0) > 0.05
    assert found.verdict == "drift"


def test_texts_of_iso_dates_are_compared_as_the_moments_that_a_model_reads_in_them() -> None:
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n % 28) for n in range(500)]
    later = [day + dt.timedelta(days=60) for day in days]
    as_text = [pa.table({"day": [*map(str, side), None, ""]}) for side in (days, later)]
    typed = [pa.table({"day": pa.array([*side, None, None])}) for side in (days, later)]
    roles = {"day": "numerical"}
    found, same = (row(univariate(*sides, roles, ONE), "day") for sides in (as_text, typed))
    assert found.verdict == "drift"
    assert found.distances["ks"] == same.distances["ks"]
    assert found.missing == same.missing
    assert row(univariate(pa.table({"day": ["x"]}), as_text[0], roles, ONE), "day").handling == "ignored"


def test_growth_of_missing_values_is_tested_as_two_shares_and_corrected_as_scipy_does() -> None:
    gone = {"a": (30, 300), "b": (100, 190), "c": (50, 55), "d": (0, 0)}
    sides = [
        pa.table(
            {
                c: pa.array([None] * holes[n] + [float(i % 97) for i in range(2_000 - holes[n])])
                for c, holes in gone.items()
            }
        )
        for n in (0, 1)
    ]
    found = univariate(*sides, settings=ONE)
    raw = [
        stats.chi2_contingency([[x, 2_000 - x], [y, 2_000 - y]], correction=False).pvalue if x + y else 1.0
        for x, y in gone.values()
    ]
    for name, p, fixed in zip(gone, raw, stats.false_discovery_control(raw), strict=True):
        missing = row(found, name).missing
        assert missing is not None
        assert missing.p_value == pytest.approx(p)
        assert missing.corrected_p == pytest.approx(fixed)
        assert missing.difference == pytest.approx((gone[name][1] - gone[name][0]) / 2_000)
    assert row(found, "a").because[-1] == "Missing values changed by +13.5 percentage points."
    assert row(found, "a").drifted_by_missing
    assert raw[1] < 1e-6, "4.5 points are significant"
    assert row(found, "b").verdict == "inconclusive", "and less than the 5 points that count"
    metrics = report(columns=found).metrics()
    assert metrics[metric.MAX_MISSING_GROWTH] == pytest.approx(13.5)
    assert metrics["univariate:b:missing"] == pytest.approx(4.5)


def test_columns_of_one_side_only_are_reported() -> None:
    found = univariate(pa.table({"old": [1], "both": [1]}), pa.table({"both": [1], "new": [1]}), settings=ONE)
    assert [c.column for c in found.columns] == ["old", "both", "new"]
    assert row(found, "old").reason == "The current data has no column 'old'."
    assert row(found, "new").reason == "The reference data has no column 'new'."


def test_a_type_that_changed_is_compared_by_the_role() -> None:
    numbers, texts = pa.table({"x": [1, 2, 3] * 50}), pa.table({"x": ["1", "2", "3"] * 50})
    as_numbers = row(univariate(numbers, texts, {"x": "numerical"}, ONE), "x")
    as_categories = row(univariate(numbers, texts, {"x": "categorical"}, ONE), "x")
    assert as_numbers.distances["ks"].value == 0.0
    assert as_categories.distances["chi_square"].p_value == 1.0


@pytest.mark.requirement("M74")
def test_new_categories_raise_a_warning_naming_them() -> None:
    reference, current = (
        pa.table({"shop": ["a", "b"] * 50}),
        pa.table({"shop": ["a", "zebra", "zebra", "yak"] * 25}),
    )
    found = univariate(reference, current, settings=ONE)
    assert row(found, "shop").new_values == ("zebra", "yak")
    assert "Column 'shop' has categories that the reference never had: 'zebra', 'yak'." in found.warnings


@pytest.mark.requirement("M76")
def test_histograms_show_both_sides_over_the_same_ten_bins() -> None:
    found = univariate(*sides(shift={"n0": 1.0}), settings=ONE)
    numbers, texts = row(found, "n0").histogram, row(found, "c0").histogram
    assert numbers is not None
    assert texts is not None
    assert (len(numbers.reference), len(numbers.current), len(numbers.edges)) == (10, 10, 11)
    assert (sum(numbers.reference), sum(numbers.current)) == (2_000, 1_500)
    assert sorted(texts.labels) == ["a", "b", "c", "d"]


def test_histograms_can_be_left_out_and_binned_finer() -> None:
    bare = univariate(*sides(), settings=ONE.changed(histograms=False))
    fine = univariate(*sides(), settings=ONE.changed(bins=25))
    histogram = row(fine, "n0").histogram
    assert row(bare, "n0").histogram is None
    assert histogram is not None
    assert len(histogram.reference) == 25


def test_roles_are_frozen_only_features_count_and_rejected_ones_can_be_switched_on() -> None:
    roles = {"n0": "numerical", "n1": "rejected", "n2": "rejected", "c0": "categorical"}
    chosen = ONE.changed(columns={"n2": ColumnHandling(handling="numerical"), "n5": ColumnHandling()})
    found = univariate(*sides(), roles, chosen)
    handling = {c.column: c.handling for c in found.columns}
    assert handling == {
        "n0": "numerical",
        "n1": "ignored",
        "n2": "numerical",
        "c0": "categorical",
        "n5": "ignored",
    }


def test_texts_have_no_test_and_say_so() -> None:
    found = row(univariate(*sides(), {"c0": "text"}, ONE), "c0")
    assert (found.handling, found.verdict, found.distances) == ("text", None, {})
    assert "embeddings" in found.reason


@pytest.mark.requirement("M28")
def test_files_stored_profiles_and_any_number_of_threads_give_the_very_same_result(tmp_path: Path) -> None:
    reference, current = sides(shift={"n3": 0.3})
    for name, table in (("r", reference), ("c", current)):
        pq.write_table(table, tmp_path / name, row_group_size=700)
    source = columns_of(reference)
    write_profiles(tmp_path / "p", (source.profile(n, source.natural(n)) for n in source.names))
    expected = univariate(reference, current, settings=ONE)
    assert univariate(tmp_path / "r", [tmp_path / "c"], settings=ONE.changed(threads=3)) == expected
    assert univariate(StoredColumns(tmp_path / "p"), tmp_path / "c", settings=ONE) == expected


@pytest.mark.parametrize("threads", [1, 3])
def test_progress_is_told_after_each_column_and_what_it_raises_stops_the_work(threads: int) -> None:
    told: list[tuple[int, int, str]] = []

    def stop_after_two(done: int, of: int, name: str) -> None:
        told.append((done, of, name))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        univariate(*sides(), settings=ONE.changed(threads=threads), progress=stop_after_two)
    assert told == [(1, 9, "n0"), (2, 9, "n1")]


def test_a_result_of_25_columns_is_small_and_survives_json() -> None:
    random = np.random.default_rng(0)
    reference, current = (pa.table({f"x{k}": random.normal(size=900) for k in range(25)}) for _ in range(2))
    found = univariate(reference, current, settings=ONE)
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert len(text) < 300_000
    assert Univariate.from_dict(json.loads(text)) == found


CELL = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=60)
@given(st.lists(CELL, max_size=60), st.lists(CELL, max_size=60))
def test_no_statistic_is_ever_nan(a: list[float | None], b: list[float | None]) -> None:
    tables = [pa.table({"x": pa.array(side, pa.float64())}) for side in (a, b)]
    for handling in ("numerical", "categorical"):
        found = univariate(*tables, {"x": handling}, ONE)
        json.dumps(found.to_dict(), allow_nan=False)
