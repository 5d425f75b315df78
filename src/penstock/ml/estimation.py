"""The estimator of performance without labels that a version keeps beside its model, learned from its test set.

estimation.json    calibration of the probabilities (CBPE), or a model of the loss as LightGBM's text (DLE)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from penstock.core.errors import UntrustedModel
from penstock.core.kind import Definition
from penstock.core.score import Guess, PredictionType
from penstock.ml import cbpe, dle, estimates
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.cbpe import Calibrated
from penstock.ml.dle import LossModel
from penstock.ml.estimates import Estimates

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.ml.predictor import Predictor
    from penstock.ml.rows import Rows
    from penstock.ml.task import Guessed, Task

FILE = "estimation.json"
FORMAT = 1
NO_TRUTH = "The reference has no ground truth to learn from."
FEW = f"Fewer than {cbpe.FEWEST} rows of the reference have a prediction and a truth."
NO_PROBA = "The model gives no probabilities."
ONE_CLASS = "The reference has rows of one class only."
NO_MODEL = "Without the model there are no features to learn its losses from."
NOT_NUMBERS = "The features of this imported model are not numbers."


class Estimation(Definition):
    """One of the two, or why there is none."""

    format: int = FORMAT
    calibrated: Calibrated | None = None
    losses: LossModel | None = None
    reason: str = ""


def keep(folder: Path, test: pa.Table, predictor: Predictor) -> Estimation:
    """Learn from the test rows of a version, with their predictions, and write what was learned."""
    import pyarrow.parquet as pq

    everything = folder / "everything.parquet"
    pq.write_table(test, everything)
    learned = learn(on_disk.opened(everything), _task(predictor), predictor)
    everything.unlink()
    (folder / FILE).write_text(json.dumps(learned.model_dump(mode="json")) + "\n", encoding="utf-8")
    return learned


def read(folder: Path) -> Estimation | None:
    """What a version keeps; None for one that was trained before versions kept it. Raises UntrustedModel."""
    file = folder / FILE
    if not file.is_file():
        return None
    try:
        return Estimation.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        raise UntrustedModel(f"{folder.name} holds no estimator of performance: {error}") from error


def learn(rows: Rows, task: Task, predictor: Predictor | None) -> Estimation:
    """From rows with predictions and the truth, which the model has not learned from."""
    if task.target not in rows.names:
        return Estimation(reason=NO_TRUTH)
    guess, truth = tasks.guessed(rows, task), tasks.truth(rows, task)
    usable = guess.known & (truth >= 0 if task.classifies else ~np.isnan(truth))
    if task.classifies:
        return _calibrated(guess, truth, usable)
    return _losses(rows, guess, truth, usable, predictor)


def estimate(
    learned: Estimation, rows: Rows, task: Task, guess: Guessed, predictor: Predictor | None, *, confidence: float
) -> Estimates:  # fmt: skip
    """The scores to expect for rows whose truth nobody looks at."""
    if learned.reason:
        return Estimates(reason=learned.reason)
    if learned.calibrated is not None:
        return _by_confidence(learned.calibrated, rows, task, guess, confidence)
    assert learned.losses is not None
    if predictor is None:
        return Estimates(reason=NO_MODEL)
    chosen = _places(guess.known)
    if not len(chosen):
        return Estimates(reason="No row has a prediction.")
    features = _features(rows, predictor, chosen)
    return dle.estimate(
        learned.losses, features, guess.label[chosen], rows=int(guess.known.sum()), confidence=confidence
    )


def _task(predictor: Predictor) -> Task:
    return tasks.Task(
        prediction_type=predictor.prediction_type, target=predictor.target, classes=predictor.classes,
        proba=predictor.proba_columns,
    )  # fmt: skip


def _calibrated(guess: Guessed, truth: np.ndarray, usable: np.ndarray) -> Estimation:
    if guess.proba is None:
        return Estimation(reason=NO_PROBA)
    usable = usable & np.isfinite(guess.proba).all(axis=1)
    if usable.sum() < cbpe.FEWEST:
        return Estimation(reason=FEW)
    if len(np.unique(truth[usable])) < 2:
        return Estimation(reason=ONE_CLASS)
    return Estimation(calibrated=cbpe.learn(guess.proba[usable], truth[usable].astype(np.int64)))


def _losses(
    rows: Rows, guess: Guessed, truth: np.ndarray, usable: np.ndarray, predictor: Predictor | None
) -> Estimation:
    if predictor is None:
        return Estimation(reason=NO_MODEL)
    if predictor.preparation.as_is:
        return Estimation(reason=NOT_NUMBERS)
    if usable.sum() < dle.FEWEST:
        return Estimation(reason=FEW)
    places = np.flatnonzero(usable)
    return Estimation(
        losses=dle.learn(_features(rows, predictor, places), guess.label[places], truth[places])
    )


def _by_confidence(
    learned: Calibrated, rows: Rows, task: Task, guess: Guessed, confidence: float
) -> Estimates:
    if guess.proba is None:
        return Estimates(reason="These rows have no probabilities.")
    usable = guess.known & np.isfinite(guess.proba).all(axis=1)
    if not usable.any():
        return Estimates(reason="No row has a prediction.")
    weights = tasks.weights(rows, task)
    told = Guess(
        label=guess.label[usable], proba=guess.proba[usable],
        weights=None if weights is None else np.nan_to_num(weights[usable]), classes=task.classes,
        settings=task.settings,
    )  # fmt: skip
    return cbpe.estimate(learned, told, _kind(task), confidence=confidence)


def _kind(task: Task) -> PredictionType:
    return task.prediction_type


def _places(known: np.ndarray) -> np.ndarray:
    """Rows with a prediction, or a draw of them."""
    places = np.flatnonzero(known)
    chosen = estimates.drawn(len(places), estimates.MOST_ROWS)
    return places if chosen is None else places[chosen]


def _features(rows: Rows, predictor: Predictor, places: np.ndarray) -> np.ndarray:
    """(m, w) prepared features of some rows, a batch at a time."""
    wanted = np.zeros(rows.count, dtype=np.bool_)
    wanted[places] = True
    parts: list[Any] = []
    at = 0
    for batch in rows.reader(list(predictor.preparation.names)):
        some = wanted[at : at + batch.num_rows]
        at += batch.num_rows
        if some.any():
            matrix, _ = predictor.preparation.matrix(batch)
            parts.append(matrix[some])
    return np.concatenate(parts).astype(np.float64)
