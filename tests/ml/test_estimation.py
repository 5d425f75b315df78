"""The estimator a version keeps: what it learns, what it refuses, and that it can be read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.design import Design
from penstock.core.errors import UntrustedModel
from penstock.ml import estimation
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.estimation import FILE, Estimation
from penstock.ml.rows import Rows
from penstock.ml.task import Task
from penstock.ml.train import TrainedModel, train
from tests.kinds.recipes.fraud import DESIGN, fares, transactions

TASK = Task(prediction_type="binary", target="y", classes=(0, 1), proba=("p0", "p1"))


def kept(folder: Path, table: pa.Table) -> Rows:
    pq.write_table(table, folder / "rows.parquet")
    return on_disk.opened(folder / "rows.parquet")


def scored(rows: int, seed: int = 1) -> pa.Table:
    random = np.random.default_rng(seed)
    p = random.random(rows)
    y = (random.random(rows) < p).astype(np.int64)
    return pa.table({"y": y, "p0": 1 - p, "p1": p, "prediction": (p >= 0.5).astype(np.int64)})


@pytest.fixture(scope="module")
def ride() -> TrainedModel:
    return train(
        Design.model_validate({"target": "fare", "algorithms": ["ridge"], "importance": "off"}), fares(600)
    )


def test_what_was_learned_is_kept_and_read_again(tmp_path: Path) -> None:
    design = Design.model_validate({**DESIGN, "importance": "off"})
    model = train(design, transactions(600))
    learned = estimation.keep(tmp_path, model.test, model.predictor)
    assert learned.calibrated is not None
    assert learned.calibrated.rows == model.test.num_rows
    assert estimation.read(tmp_path) == learned
    assert [p.name for p in tmp_path.iterdir()] == [FILE]


def test_a_regression_keeps_what_tells_its_losses(tmp_path: Path, ride: TrainedModel) -> None:
    learned = estimation.keep(tmp_path, ride.test, ride.predictor)
    assert learned.losses is not None
    assert set(learned.losses.boosters) == {"mae", "mse", "mape"}
    rows = kept(tmp_path, ride.test)
    task = Task(prediction_type="regression", target="fare")
    guess = tasks.guessed(rows, task)
    found = estimation.estimate(learned, rows, task, guess, ride.predictor, confidence=0.95)
    truth = ride.test["fare"].to_numpy()
    assert found.scores["mae"].value == pytest.approx(np.abs(truth - guess.label).mean(), rel=0.05)


def test_rows_without_a_prediction_are_left_out(tmp_path: Path) -> None:
    learned = estimation.learn(kept(tmp_path, scored(400)), TASK, None)
    table = scored(100, seed=2)
    holes = pa.array([None if i < 40 else v for i, v in enumerate(table["p1"].to_pylist())])
    table = table.set_column(2, "p1", holes)
    rows = kept(tmp_path, table)
    found = estimation.estimate(learned, rows, TASK, tasks.guessed(rows, TASK), None, confidence=0.95)
    assert found.rows == 60


@pytest.mark.parametrize(
    ("table", "task", "said"),
    [
        (scored(400).drop_columns(["y"]), TASK, "no ground truth"),
        (scored(30), TASK, "Fewer than 50"),
        (scored(400).set_column(0, "y", pa.array([1] * 400)), TASK, "one class"),
        (scored(400), Task(prediction_type="binary", target="y", classes=(0, 1)), "no probabilities"),
        (scored(400), Task(prediction_type="regression", target="y"), "Without the model"),
    ],
)
def test_what_cannot_be_learned_says_why(tmp_path: Path, table: pa.Table, task: Task, said: str) -> None:
    learned = estimation.learn(kept(tmp_path, table), task, None)
    assert said in learned.reason
    rows = kept(tmp_path, scored(100))
    found = estimation.estimate(learned, rows, task, tasks.guessed(rows, task), None, confidence=0.95)
    assert (found.scores, found.reason) == ({}, learned.reason)


def test_rows_that_have_nothing_to_estimate_from_say_so(tmp_path: Path) -> None:
    learned = estimation.learn(kept(tmp_path, scored(400)), TASK, None)
    bare = Task(prediction_type="binary", target="y", classes=(0, 1))
    rows = kept(tmp_path, scored(100))
    found = estimation.estimate(learned, rows, bare, tasks.guessed(rows, bare), None, confidence=0.95)
    assert found.reason == "These rows have no probabilities."
    empty = kept(
        tmp_path,
        scored(3)
        .set_column(2, "p1", pa.nulls(3, pa.float64()))
        .set_column(3, "prediction", pa.nulls(3, pa.int64())),
    )
    found = estimation.estimate(learned, empty, TASK, tasks.guessed(empty, TASK), None, confidence=0.95)
    assert found.reason == "No row has a prediction."


def test_an_older_version_keeps_none_and_a_damaged_file_is_refused(tmp_path: Path) -> None:
    assert estimation.read(tmp_path) is None
    (tmp_path / FILE).write_text('{"calibrated": 3}')
    with pytest.raises(UntrustedModel, match="no estimator"):
        estimation.read(tmp_path)


def test_one_confidence_is_as_wide_as_it_says(tmp_path: Path) -> None:
    learned: Estimation = estimation.learn(kept(tmp_path, scored(400)), TASK, None)
    rows = kept(tmp_path, scored(1_000, seed=2))
    guess = tasks.guessed(rows, TASK)
    narrow, wide = (
        estimation.estimate(learned, rows, TASK, guess, None, confidence=c).scores["accuracy"]
        for c in (0.8, 0.99)
    )
    assert (wide.upper - wide.lower) / (narrow.upper - narrow.lower) == pytest.approx(
        2.576 / 1.2816, rel=1e-3
    )
