"""The rows of an evaluation on disk, and the sample that is kept of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import Invalid
from penstock.ml import rows as on_disk
from penstock.ml.rows import Limit


def a_file(folder, count: int = 1000, width: int = 1) -> on_disk.Rows:
    random = np.random.default_rng(1)
    columns = {"n": np.arange(count), **{f"x{i}": random.normal(size=count) for i in range(width)}}
    return on_disk.written(pa.table(columns).to_reader(max_chunksize=300), folder / "rows.parquet")


def test_rows_come_back_as_they_were_written(tmp_path):
    rows = a_file(tmp_path)
    assert rows.count == 1000
    assert rows.reader(["n"]).read_all()["n"].to_pylist() == list(range(1000))
    assert on_disk.opened(rows.file).names == ["n", "x0"]


def test_the_sample_is_everything_when_it_fits(tmp_path):
    kept = on_disk.sample(a_file(tmp_path), Limit(), tmp_path / "sample.parquet", seed=1)
    assert kept.column("n").to_pylist() == list(range(1000))


@pytest.mark.requirement("M42")
def test_the_sample_holds_at_most_fifty_thousand_rows_by_default(tmp_path):
    kept = on_disk.sample(a_file(tmp_path, 50_100), Limit(), tmp_path / "sample.parquet", seed=1)
    assert kept.count == 50_000
    numbers = kept.column("n").to_numpy()
    assert (np.diff(numbers) > 0).all()
    assert numbers[-1] > 50_000


def test_the_sample_obeys_the_limit_of_bytes(tmp_path):
    kept = on_disk.sample(a_file(tmp_path, 4000, 10), Limit(megabytes=0.1), tmp_path / "s.parquet", seed=1)
    assert kept.file.stat().st_size <= 0.1 * 1024 * 1024
    assert 500 < kept.count < 2000


def test_the_same_seed_draws_the_same_rows(tmp_path):
    rows = a_file(tmp_path)
    first, second, other = (
        on_disk.sample(rows, Limit(rows=50), tmp_path / "s.parquet", seed=s).column("n").to_pylist()
        for s in (1, 1, 2)
    )
    assert first == second != other


def test_without_a_limit_all_rows_are_kept(tmp_path):
    assert on_disk.sample(a_file(tmp_path), None, tmp_path / "s.parquet", seed=1).count == 1000


def test_no_row_at_all_is_refused_by_name(tmp_path):
    empty = on_disk.written(pa.table({"n": pa.array([], pa.int64())}).to_reader(), tmp_path / "e.parquet")
    with pytest.raises(Invalid, match="no row to evaluate in april"):
        on_disk.required(empty, "april")


def test_small_batches_make_row_groups_that_read_well(tmp_path):
    import pyarrow.parquet as pq

    rows = a_file(tmp_path, 200_000)
    assert pq.ParquetFile(rows.file).num_row_groups == 2
