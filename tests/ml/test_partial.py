"""Profiles of parts, merged: equal to the profile of the whole, whatever the cut."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.ml.columns import TableColumns
from penstock.ml.drift import univariate
from penstock.ml.extract import NotComparable
from penstock.ml.partial import SCHEMA, PartialColumns, Profiling, handling_of
from penstock.ml.profile import NumericalProfile

_random = np.random.default_rng(3)
ROWS = pa.table(
    {
        "amount": pa.array([*_random.normal(0, 1, 995), float("nan"), float("inf"), None, -0.0, 0.0]),
        "count": pa.array(_random.integers(0, 5, 1000), pa.int32()),
        "sector": pa.array([None if i % 7 == 0 else f"s{i % 11}" for i in range(1000)]),
        "truth": pa.array([bool(i % 2) for i in range(1000)]),
        "texts": pa.array([["a"]] * 1000),
    }
)


def parts(folder: Path, *cuts: int, handling: dict[str, str] | None = None) -> PartialColumns:
    """The rows cut at these places, each part profiled apart, in two batches."""
    wanted = Profiling(handling_of(ROWS.schema, handling))
    ends = [0, *cuts, ROWS.num_rows]
    files = []
    for number, (start, end) in enumerate(itertools.pairwise(ends)):
        part = ROWS.slice(start, end - start).combine_chunks()
        batches = list(wanted(iter(part.to_batches(max_chunksize=max(1, part.num_rows // 2)))))
        files.append(folder / f"{number}.parquet")
        pq.write_table(pa.Table.from_batches(batches, SCHEMA), files[-1])
    return PartialColumns(files, ROWS.schema)


@pytest.mark.parametrize("cuts", [(), (500,), (1, 2, 3, 999), (0, 0, 250, 250, 700)])
def test_parts_make_the_profile_of_the_whole(tmp_path: Path, cuts: tuple[int, ...]) -> None:
    found, whole = parts(tmp_path, *cuts), TableColumns(ROWS)
    assert (found.rows, list(found.names)) == (1000, ROWS.column_names)
    for name in ("amount", "count", "sector", "truth"):
        how = whole.natural(name)
        a, b = found.profile(name, how), whole.profile(name, how)
        assert (a.missing, a.size, a.type) == (b.missing, b.size, b.type)
        if isinstance(a, NumericalProfile) and isinstance(b, NumericalProfile):
            assert np.array_equal(a.expanded(), b.expanded())
            continue
        assert a.labels.to_pylist() == b.labels.to_pylist()  # type: ignore[union-attr]
        assert a.counts.tolist() == b.counts.tolist()  # type: ignore[union-attr]


def test_drift_of_parts_is_drift_of_the_whole(tmp_path: Path) -> None:
    before = ROWS.slice(0, 400)
    whole = univariate(before, ROWS)
    assert univariate(before, parts(tmp_path, 333, 777)).to_dict() == whole.to_dict()


def test_no_row_at_all_is_a_profile_of_nothing(tmp_path: Path) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "none.parquet")
    found = PartialColumns([tmp_path / "none.parquet"], ROWS.schema)
    assert (found.rows, found.profile("sector", "categorical").rows) == (0, 0)


def test_a_column_that_is_no_number_says_so_and_hinders_no_other(tmp_path: Path) -> None:
    found = parts(tmp_path, 500, handling={"sector": "numerical"})
    with pytest.raises(NotComparable, match="sector"):
        found.profile("sector", "numerical")
    assert found.profile("count", "numerical").rows == 1000
