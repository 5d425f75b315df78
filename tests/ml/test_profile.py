"""Column profiles: exact, mergeable, and defined for every odd column."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.ml.extract import NotComparable
from penstock.ml.profile import (
    CategoricalProfile,
    ColumnProfile,
    NumericalProfile,
    as_categorical,
    as_numerical,
    merged,
    profile,
    profile_batches,
)

NUMBERS = st.lists(st.none() | st.floats(width=32) | st.integers(-3, 3).map(float), max_size=40)
TEXTS = st.lists(st.none() | st.sampled_from("abcdefg") | st.text(max_size=3), max_size=40)


def numerical(values: object, type_: pa.DataType | None = None) -> NumericalProfile:
    found = profile(pa.array(values, type_), name="x", handling="numerical")
    assert isinstance(found, NumericalProfile)
    return found


def categorical(values: object, type_: pa.DataType | None = None) -> CategoricalProfile:
    found = profile(pa.array(values, type_), name="x", handling="categorical")
    assert isinstance(found, CategoricalProfile)
    return found


def same(a: ColumnProfile, b: ColumnProfile) -> bool:
    if isinstance(a, NumericalProfile) and isinstance(b, NumericalProfile):
        counts = (a.counts is None) == (b.counts is None)
        return counts and a.missing == b.missing and np.array_equal(a.expanded(), b.expanded())
    assert isinstance(a, CategoricalProfile)
    assert isinstance(b, CategoricalProfile)
    return a.missing == b.missing and a.labels.equals(b.labels) and np.array_equal(a.counts, b.counts)


@given(NUMBERS, NUMBERS)
def test_merged_numbers_equal_the_profile_of_both_lists(a: list[float | None], b: list[float | None]) -> None:
    assert same(
        merged(numerical(a, pa.float64()), numerical(b, pa.float64())), numerical(a + b, pa.float64())
    )


@given(TEXTS, TEXTS)
def test_merged_categories_equal_the_profile_of_both_lists(a: list[str | None], b: list[str | None]) -> None:
    whole = categorical(a + b, pa.string())
    assert same(merged(categorical(a, pa.string()), categorical(b, pa.string())), whole)


@given(st.lists(NUMBERS, max_size=6))
def test_a_stream_of_batches_gives_the_profile_of_the_whole(parts: list[list[float | None]]) -> None:
    schema = pa.schema([("x", pa.float64())])
    batches = [pa.record_batch([pa.array(part, pa.float64())], schema=schema) for part in parts]
    found = profile_batches(batches, {"x": "numerical"})
    whole = [v for part in parts for v in part]
    assert not parts or same(found["x"], numerical(whole, pa.float64()))


@given(NUMBERS)
def test_ranks_and_quantiles_equal_numpys(values: list[float | None]) -> None:
    found = numerical(values, pa.float64())
    known = np.array([v for v in values if v is not None and not np.isnan(v)], dtype=float)
    assert found.size == len(known)
    assert found.missing == len(values) - len(known)
    points = np.array([-1.0, 0.0, 2.0])
    assert found.ranks(points).tolist() == [(known <= p).sum() for p in points]
    finite = known[np.isfinite(known)]
    assert found.infinite == len(known) - len(finite)
    if len(finite):
        shares = np.linspace(0, 1, 11)
        np.testing.assert_allclose(
            found.finite().quantiles(shares), np.quantile(finite, shares), rtol=1e-9, atol=1e-300
        )
        scale = float(np.abs(finite).max()) or 1.0
        assert found.deviation() / scale == pytest.approx((finite / scale).std(), abs=1e-6)


def test_values_that_mostly_recur_are_kept_once_with_counts() -> None:
    found = numerical([3.0, 1.0, 1.0, 3.0, 3.0, 1.0])
    assert found.counts is not None
    assert (found.values.tolist(), found.counts.tolist()) == ([1.0, 3.0], [3, 3])


NOON = dt.datetime(2024, 1, 1, 12)


@pytest.mark.requirement("M73")
@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([True, False, None]), [0.0, 1.0]),
        (pa.array([dt.date(1970, 1, 3)]), [172_800.0]),
        (pa.array([dt.date(1970, 1, 3)], pa.date64()), [172_800.0]),
        (pa.array([NOON], pa.timestamp("us")), [1_704_110_400.0]),
        (pa.array([NOON], pa.timestamp("ns", "UTC")), [1_704_110_400.0]),
        (pa.array([NOON], pa.timestamp("s", "America/New_York")), [1_704_110_400.0]),
        (pa.array([dt.time(0, 1)]), [60.0]),
        (pa.array([dt.timedelta(minutes=2)]), [120.0]),
        (pa.array([Decimal("1.5"), None]), [1.5]),
        (pa.array([2, 1, 2]).dictionary_encode(), [1.0, 2.0, 2.0]),
        (pa.array(["2.5", "1"]), [1.0, 2.5]),
        (pa.array([], pa.float64()), []),
        (pa.array([None, None]), []),
        (pa.array([None, None], pa.int32()), []),
        (pa.array([1.0, np.nan, np.inf, -np.inf]), [-np.inf, 1.0, np.inf]),
        (pa.array([1, 2], pa.uint8()), [1.0, 2.0]),
        (pa.array(np.array([0.5], np.float16)), [0.5]),
    ],
)
def test_every_sort_of_number_time_and_truth_becomes_numbers(column: pa.Array, expected: list[float]) -> None:
    found = profile(column, name="x", handling="numerical")
    assert isinstance(found, NumericalProfile)
    assert found.expanded().tolist() == expected
    assert found.missing == len(column) - len(expected)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([True, False, None, True]), {"false": 1, "true": 2}),
        (pa.array([3, 3, 1]), {"1": 1, "3": 2}),
        (pa.array([3.0, 0.5, np.nan, None, np.inf]), {"0.5": 1, "3": 1, "inf": 1}),
        (pa.array(["b", None, "a", "b"]).dictionary_encode(), {"a": 1, "b": 2}),
        (pa.array(["b"], pa.large_string()), {"b": 1}),
        (pa.array([dt.date(2024, 1, 2)]), {"2024-01-02": 1}),
        (pa.array([None, None]), {}),
        (pa.array([], pa.string()), {}),
    ],
)
def test_every_sort_of_column_becomes_categories(column: pa.Array, expected: dict[str, int]) -> None:
    found = profile(column, name="x", handling="categorical")
    assert isinstance(found, CategoricalProfile)
    assert dict(zip(found.labels.to_pylist(), found.counts.tolist(), strict=True)) == expected
    assert found.missing == len(column) - sum(expected.values())


def test_dictionaries_that_differ_from_chunk_to_chunk_are_counted_together() -> None:
    chunks = pa.chunked_array(
        [pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", "c"]).dictionary_encode()]
    )
    found = profile(chunks, name="x", handling="categorical")
    assert isinstance(found, CategoricalProfile)
    assert (found.labels.to_pylist(), found.counts.tolist()) == (["a", "b", "c"], [1, 2, 1])


@pytest.mark.parametrize("handling", ["numerical", "categorical"])
def test_nested_values_are_refused_with_the_column_in_the_reason(handling: str) -> None:
    with pytest.raises(NotComparable, match="'tags'"):
        profile(pa.array([[1], [2]]), name="tags", handling=handling)  # type: ignore[arg-type]


def test_texts_that_are_no_numbers_are_refused_as_numbers() -> None:
    with pytest.raises(NotComparable, match="Could not treat column 'x' as numerical"):
        numerical(["a", "1"])


@given(st.lists(st.none() | st.integers(-5, 5), max_size=30))
def test_numbers_seen_as_categories_equal_categories_from_the_start(values: list[int | None]) -> None:
    column = pa.array(values, pa.int64())
    assert same(as_categorical(numerical(column)), categorical(column))
    assert same(as_numerical(categorical(column)), numerical(column))


def test_sides_of_different_sorts_do_not_merge() -> None:
    with pytest.raises(NotComparable, match="numerical in one part"):
        merged(numerical([1.0]), categorical(["a"]))
