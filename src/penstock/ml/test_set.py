"""The test set a version keeps beside its model: the reference that drift is measured from.

test.parquet              rows with predictions, within the drift limit: what the drift classifier reads
test_profile.parquet      a mergeable profile of every feature over all test rows: what univariate drift reads
test_predictions.parquet  the predictions of all test rows: what prediction drift reads
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from penstock.ml import columns
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.between import Side
from penstock.ml.extract import NotComparable
from penstock.ml.predictor import PREDICTION, Predictor
from penstock.ml.profile import ColumnProfile
from penstock.ml.rows import Limit, Rows
from penstock.ml.task import Task

TEST, PROFILE, PREDICTIONS = "test.parquet", "test_profile.parquet", "test_predictions.parquet"
SEED = 1337


def keep(folder: Path, test: pa.Table, predictor: Predictor) -> None:
    """Write the three files; `test` are all test rows with probabilities and predictions."""
    everything = folder / "everything.parquet"
    pq.write_table(test, everything)
    rows = on_disk.opened(everything)
    columns.write_profiles(folder / PROFILE, _profiles(rows, roles(predictor)))
    on_disk.written(rows.reader([*predictor.proba_columns, PREDICTION]), folder / PREDICTIONS)
    on_disk.sample(rows, Limit(), folder / TEST, seed=SEED)
    everything.unlink()


def _profiles(rows: Rows, wanted: Mapping[str, str]) -> Iterator[ColumnProfile]:
    """Profiles of the columns that have one; drift says of the others that the reference has no such column."""
    source = columns.columns_of(rows.file)
    for name, how in wanted.items():
        with suppress(NotComparable):
            yield source.profile(name, cast(Any, how))


def is_kept(folder: Path) -> bool:
    """Whether a version kept a test set; an imported one may not have."""
    return (folder / TEST).is_file()


def side(folder: Path, count: int, task: Task) -> Side:
    """The test set as one side of a comparison; `count` are all its rows."""
    return Side(
        sample=folder / TEST, rows=count, profile=folder / PROFILE,
        guessed=tasks.guessed(on_disk.opened(folder / PREDICTIONS), task),
    )  # fmt: skip


def roles(predictor: Predictor) -> dict[str, str]:
    """Input feature → numerical or categorical, as the model handles it."""
    return {feature.name: _role(feature) for feature in predictor.preparation.features}


def _role(feature: Any) -> str:
    if feature.type == "as_is":
        return "numerical" if feature.trained in ("integer", "number", "instant") else "categorical"
    return "categorical" if feature.type == "category" else "numerical"
