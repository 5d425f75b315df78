"""Columns from tables, Parquet files and stored profiles are the same columns."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.drift import Handling
from penstock.core.errors import Invalid
from penstock.ml import columns
from penstock.ml.columns import StoredColumns, columns_of, natural_handling, write_profiles
from penstock.ml.extract import NotComparable
from penstock.ml.profile import CategoricalProfile, ColumnProfile, NumericalProfile

TABLE = pa.table(
    {
        "amount": pa.array([1.5, None, 2.5, 2.5, 9.0], pa.float64()),
        "hour": pa.array([1, 1, 1, 2, 2], pa.int32()),
        "shop": pa.array(["a", "b", None, "a", "a"]),
        "gone": pa.nulls(5),
        "tags": pa.array([[1], [2], [3], [4], [5]]),
    }
)


def plain(of: ColumnProfile) -> tuple[object, ...]:
    if isinstance(of, NumericalProfile):
        return of.missing, of.expanded().tolist(), of.type
    assert isinstance(of, CategoricalProfile)
    return of.missing, of.labels.to_pylist(), of.counts.tolist(), of.type


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """The table in two files, the first with two row groups."""
    pq.write_table(TABLE.slice(0, 3), tmp_path / "1.parquet", row_group_size=2)
    pq.write_table(TABLE.slice(3), tmp_path / "2.parquet")
    return [tmp_path / "1.parquet", tmp_path / "2.parquet"]


def test_parquet_files_give_the_columns_of_the_table(files: list[Path]) -> None:
    table, parquet = columns_of(TABLE), columns_of(files)
    assert list(parquet.names) == list(table.names)
    assert (parquet.rows, table.rows) == (5, 5)
    for name, how in {
        "amount": "numerical",
        "hour": "categorical",
        "shop": "categorical",
        "gone": "categorical",
    }.items():
        assert plain(parquet.profile(name, how))[:-1] == plain(table.profile(name, how))[:-1]  # type: ignore[arg-type]


def test_stored_profiles_give_the_columns_of_the_table(tmp_path: Path) -> None:
    table, path = columns_of(TABLE), tmp_path / "reference.parquet"
    how = {"amount": "numerical", "hour": "numerical", "shop": "categorical", "gone": "numerical"}
    write_profiles(path, (table.profile(name, h) for name, h in how.items()))  # type: ignore[arg-type]
    stored = StoredColumns(path)
    assert list(stored.names) == list(how)
    assert stored.rows == 5
    for name, h in how.items():
        assert plain(stored.profile(name, h)) == plain(table.profile(name, h))  # type: ignore[arg-type]


def test_a_stored_column_of_numbers_can_be_asked_for_as_categories(tmp_path: Path) -> None:
    table = columns_of(TABLE)
    write_profiles(tmp_path / "p", [table.profile("hour", "numerical"), table.profile("shop", "categorical")])
    stored = StoredColumns(tmp_path / "p")
    assert plain(stored.profile("hour", "categorical")) == plain(table.profile("hour", "categorical"))
    with pytest.raises(NotComparable, match="'shop' as numerical"):
        stored.profile("shop", "numerical")


def test_a_file_without_profiles_has_no_columns(tmp_path: Path) -> None:
    write_profiles(tmp_path / "p", [])
    assert (StoredColumns(tmp_path / "p").rows, list(StoredColumns(tmp_path / "p").names)) == (0, [])


def test_stored_profiles_of_numbers_are_compact(tmp_path: Path) -> None:
    hours = pa.table({"hour": np.arange(200_000) % 24})
    write_profiles(tmp_path / "p", [columns_of(hours).profile("hour", "numerical")])
    assert (tmp_path / "p").stat().st_size < 10_000


def test_profiles_in_memory_are_a_source_too() -> None:
    table = columns_of(TABLE)
    kept = columns_of(
        {"amount": table.profile("amount", "numerical"), "shop": table.profile("shop", "categorical")}
    )
    assert (kept.rows, kept.natural("amount"), kept.natural("shop")) == (5, "numerical", "categorical")
    assert plain(kept.profile("amount", "numerical")) == plain(table.profile("amount", "numerical"))


def test_nested_columns_are_refused_wherever_they_come_from(files: list[Path]) -> None:
    for source in (columns_of(TABLE), columns_of(files)):
        with pytest.raises(NotComparable, match="'tags'"):
            source.profile("tags", "categorical")


def test_a_column_whose_type_changes_from_file_to_file_is_refused_by_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "1")
    pq.write_table(pa.table({"x": ["a"]}), tmp_path / "2")
    with pytest.raises(NotComparable, match="'x' has another type"):
        columns_of([tmp_path / "1", tmp_path / "2"]).profile("x", "categorical")


def test_a_column_missing_from_a_later_file_is_refused_by_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "1")
    pq.write_table(pa.table({"y": [1]}), tmp_path / "2")
    with pytest.raises(NotComparable, match="'x' is missing"):
        columns_of([tmp_path / "1", tmp_path / "2"]).profile("x", "numerical")


def test_no_file_at_all_is_refused() -> None:
    with pytest.raises(Invalid, match="no Parquet file"):
        columns_of([])


@pytest.mark.parametrize(
    ("type_", "handling"),
    [
        (pa.int8(), "numerical"), (pa.decimal128(9, 2), "numerical"), (pa.timestamp("us", "UTC"), "numerical"),
        (pa.duration("s"), "numerical"), (pa.bool_(), "categorical"), (pa.string_view(), "categorical"),
        (pa.dictionary(pa.int8(), pa.string()), "categorical"), (pa.null(), "categorical"),
        (pa.list_(pa.int8()), "ignored"), (pa.binary(), "ignored"), (pa.struct([]), "ignored"),
    ],
)  # fmt: skip
def test_storage_types_have_a_natural_handling(type_: pa.DataType, handling: str) -> None:
    assert natural_handling(type_) == handling


def test_naive_and_zoned_times_of_one_instant_are_equal() -> None:
    noon = dt.datetime(2024, 5, 1, 12)
    naive = pa.table({"t": pa.array([noon], pa.timestamp("ms"))})
    zoned = pa.table({"t": pa.array([noon], pa.timestamp("us", "Europe/Berlin"))})
    a, b = (columns_of(t).profile("t", "numerical") for t in (naive, zoned))
    assert isinstance(a, NumericalProfile)
    assert isinstance(b, NumericalProfile)
    assert a.values.tolist() == b.values.tolist()


def test_a_long_column_is_profiled_in_pieces_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(3)
    table = pa.table({
        "few": random.integers(0, 7, 1000), "many": random.normal(size=1000),
        "words": pa.array([None if i % 11 == 0 else f"w{i % 5}" for i in range(1000)]),
    })  # fmt: skip
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path in paths:
        pq.write_table(table, path, row_group_size=90)
    sorts: dict[str, Handling] = {"few": "numerical", "many": "numerical", "words": "categorical"}
    whole = {name: columns_of(paths).profile(name, how) for name, how in sorts.items()}
    monkeypatch.setattr(columns, "PIECE", 200)
    for name, how in sorts.items():
        found = columns_of(paths).profile(name, how)
        assert [list(part) if part is not None else None for part in _parts(found)] == [
            list(part) if part is not None else None for part in _parts(whole[name])
        ]
        assert (found.rows, found.missing) == (whole[name].rows, whole[name].missing)


def _parts(found: ColumnProfile) -> tuple[Any, ...]:
    if isinstance(found, CategoricalProfile):
        order = np.argsort(found.labels.to_pylist())
        return found.labels.take(order).to_pylist(), found.counts[order]
    return found.values, found.counts
