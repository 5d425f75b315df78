"""Samplings on DuckDB: how many rows, which rows, in which order, and the same ones every time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition

EVERY = [
    {"type": "none"},
    {"type": "first", "n": 700},
    {"type": "last", "n": 700},
    {"type": "random_number", "n": 700},
    {"type": "random_ratio", "ratio": 0.2},
    {"type": "random_approximate_number", "n": 700},
    {"type": "column_values", "column": "customer", "n": 700},
    {"type": "stratified", "column": "carrier", "ratio": 0.2},
    {"type": "rebalance", "column": "carrier", "n": 700},
]
SEEDED = EVERY[3:]


@pytest.fixture(scope="module")
def backend() -> Any:
    return ibis.duckdb.connect(threads=2)


def rows(count: int) -> pa.Table:
    carriers = ["UA"] * 70 + ["AA"] * 20 + ["B6"] * 9 + [None]
    return pa.table(
        {
            "id": list(range(count)),
            "carrier": pa.array([carriers[i * 37 % 100] for i in range(count)], pa.string()),
            "customer": [i % 97 for i in range(count)],
        }
    )


def sample(definition: dict[str, Any], data: Any, backend: Any) -> list[dict[str, Any]]:
    table = ibis.memtable(data) if isinstance(data, pa.Table) else data
    taken = registry.parse("samplings", definition).take(table)  # type: ignore[attr-defined]
    assert list(taken.columns) == ["id", "carrier", "customer"]
    return list(backend.to_pyarrow(taken).to_pylist())


def ids(definition: dict[str, Any], data: Any, backend: Any) -> list[int]:
    return [row["id"] for row in sample(definition, data, backend)]


@pytest.mark.requirement("M13")
def test_about_a_number_of_records_proposes_10_000_and_keeps_about_as_many(backend: Any) -> None:
    assert registry.parse("samplings", {"type": "random_approximate_number"}).n == 10_000  # type: ignore[attr-defined]
    for seed in (1337, 1, 2, 3):
        found = ids({"type": "random_approximate_number", "seed": seed}, rows(50_000), backend)
        assert 9_500 <= len(found) <= 10_500


@pytest.mark.requirement("M13")
def test_about_a_number_of_records_keeps_all_of_a_smaller_dataset(backend: Any) -> None:
    assert ids({"type": "random_approximate_number"}, rows(4_000), backend) == list(range(4_000))


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d["type"])
def test_rows_keep_their_order(definition: dict[str, Any], backend: Any) -> None:
    found = ids(definition, rows(5_000), backend)
    assert found == sorted(set(found))
    assert found


@pytest.mark.parametrize("definition", SEEDED, ids=lambda d: d["type"])
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(
    definition: dict[str, Any], backend: Any
) -> None:
    data = rows(5_000)
    assert ids(definition, data, backend) == ids(definition, data, backend)
    assert ids(definition, data, backend) != ids({**definition, "seed": 7}, data, backend)


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d["type"])
def test_the_sample_of_a_parquet_file_does_not_depend_on_the_number_of_threads(
    definition: dict[str, Any], tmp_path: Path
) -> None:
    pq.write_table(rows(60_000), tmp_path / "rows.parquet", row_group_size=4_096)
    found = []
    for threads in (1, 4, 4):
        engine = ibis.duckdb.connect(threads=threads)
        engine.raw_sql(f"CREATE VIEW rows AS FROM read_parquet('{tmp_path}/rows.parquet')")
        table = ibis.table({"id": "int64", "carrier": "string", "customer": "int64"}, name="rows")
        found.append(ids(definition, table, engine))
        engine.disconnect()
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(("n", "kept"), [(1, 1), (700, 700), (5_000, 5_000), (9_000, 5_000)])
def test_a_fixed_number_is_exact(n: int, kept: int, backend: Any) -> None:
    assert len(ids({"type": "random_number", "n": n}, rows(5_000), backend)) == kept


def test_first_and_last_take_the_ends(backend: Any) -> None:
    assert ids({"type": "first", "n": 3}, rows(10), backend) == [0, 1, 2]
    assert ids({"type": "last", "n": 3}, rows(10), backend) == [7, 8, 9]
    assert ids({"type": "last", "n": 30}, rows(10), backend) == list(range(10))


@pytest.mark.parametrize(
    ("ratio", "least", "most"), [(0.0, 0, 0), (0.25, 4_750, 5_250), (1.0, 20_000, 20_000)]
)
def test_a_ratio_keeps_about_that_part(ratio: float, least: int, most: int, backend: Any) -> None:
    assert least <= len(ids({"type": "random_ratio", "ratio": ratio}, rows(20_000), backend)) <= most


def test_chosen_rows_are_spread_evenly_and_without_pattern(backend: Any) -> None:
    found = ids({"type": "random_ratio", "ratio": 0.5}, rows(20_000), backend)
    tenths = Counter(i // 2_000 for i in found)
    assert all(880 <= tenths[t] <= 1_120 for t in range(10))
    chosen = set(found)
    for lag in (1, 2, 3, 7, 64):
        both = sum(i + lag in chosen for i in found)
        assert 4_700 <= both <= 5_300, f"rows {lag} apart are chosen together too often or too rarely"


def test_samples_of_two_neighbouring_seeds_are_independent(backend: Any) -> None:
    one = set(ids({"type": "random_ratio", "ratio": 0.5, "seed": 1}, rows(20_000), backend))
    two = set(ids({"type": "random_ratio", "ratio": 0.5, "seed": 2}, rows(20_000), backend))
    assert 4_700 <= len(one & two) <= 5_300


def test_values_of_a_column_come_whole(backend: Any) -> None:
    data = rows(9_700)
    found = sample({"type": "column_values", "column": "customer", "n": 950}, data, backend)
    assert set(Counter(row["customer"] for row in found).values()) == {100}
    assert len(found) == 1_000
    assert len(ids({"type": "column_values", "column": "customer", "ratio": 0.5}, data, backend)) == 4_900


def test_strata_keep_their_shares_and_none_is_lost(backend: Any) -> None:
    data = rows(5_000)
    found = Counter(
        r["carrier"] for r in sample({"type": "stratified", "column": "carrier", "n": 500}, data, backend)
    )
    assert found == {"UA": 350, "AA": 100, "B6": 45, None: 5}
    found = Counter(
        r["carrier"]
        for r in sample({"type": "stratified", "column": "carrier", "ratio": 0.001}, data, backend)
    )
    assert found == {"UA": 4, "AA": 1, "B6": 1, None: 1}


def test_rebalancing_levels_the_values_and_repeats_nothing(backend: Any) -> None:
    data = rows(5_000)
    found = Counter(
        r["carrier"] for r in sample({"type": "rebalance", "column": "carrier", "n": 400}, data, backend)
    )
    assert found == {"UA": 100, "AA": 100, "B6": 100, None: 50}


@pytest.mark.parametrize("sizes", [{}, {"n": 5, "ratio": 0.5}])
@pytest.mark.parametrize("name", ["column_values", "stratified", "rebalance"])
def test_a_size_is_given_one_way(name: str, sizes: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinition, match="Give n or ratio"):
        registry.parse("samplings", {"type": name, "column": "a", **sizes})
