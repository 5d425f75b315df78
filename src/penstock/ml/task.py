"""What was predicted and where it stands: from columns of rows to the arrays that scores are computed on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core.errors import Invalid
from penstock.core.score import Guess, MetricSettings, PredictionType
from penstock.ml import cells, target
from penstock.ml.rows import Rows
from penstock.ml.target import UNKNOWN, UNLABELLED, Label

SKIP = "Give the rows their ground truth, or switch skip_performance on: drift needs none."


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The columns of a prediction and how it is read."""

    prediction_type: PredictionType
    target: str
    prediction: str = "prediction"
    classes: tuple[Label, ...] = ()
    proba: tuple[str, ...] = ()
    """One column per class, in the order of the classes; none when there are no probabilities."""
    threshold: float | None = None
    """Binary with probabilities: the positive class from here on. None: the prediction column says."""
    weight: str = ""
    empty_prediction: int | None = None
    """Code of the class an empty prediction stands for."""
    settings: MetricSettings = field(default_factory=MetricSettings)

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(target.text_of(c) for c in self.classes)

    @property
    def classifies(self) -> bool:
        return self.prediction_type != "regression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """What was predicted for every row.

    label    (n,) class codes, or floats; meaningless where not `known`
    proba    (n, k), or None
    known    (n,) booleans: the row has a prediction
    """

    label: np.ndarray
    proba: np.ndarray | None
    known: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The rows that can be judged: with a prediction and a known truth."""

    truth: np.ndarray
    """(m,) class codes, or floats."""
    guess: Guess
    everywhere: np.ndarray
    """(n,) the truth of all rows; meaningless where not judged."""
    rows: np.ndarray
    """(n,) booleans over all rows: which are judged."""
    unlabelled: int
    unknown: dict[str, int]
    """Target value that is none of the classes → rows."""


def guessed(rows: Rows, task: Task, *, threshold: float | None = None) -> Guessed:
    """Read predictions. A threshold, the task's or this one, decides anew from the probabilities."""
    proba = probabilities(rows, task)
    cut = task.threshold if threshold is None else threshold
    if not task.classifies:
        numbers = _numbers(rows, task.prediction)
        return Guessed(label=numbers, proba=None, known=~np.isnan(numbers))
    if proba is not None and cut is not None and task.prediction_type == "binary":
        known = ~np.isnan(proba).any(axis=1)
        return Guessed(label=(proba[:, 1] >= cut).astype(np.int64), proba=proba, known=known)
    label = _codes(rows, task.prediction, task)
    if task.empty_prediction is not None:
        label = np.where(label == UNLABELLED, task.empty_prediction, label)
    return Guessed(label=label, proba=proba, known=label >= 0)


def probabilities(rows: Rows, task: Task) -> np.ndarray | None:
    """(n, k) floats in the order of the classes, or None."""
    if not task.proba:
        return None
    return np.column_stack([_numbers(rows, name) for name in task.proba])


def judged(rows: Rows, task: Task, guess: Guessed, *, reference: Any = None, dataset: str = "") -> Judged:
    """Pair predictions with the truth. Raises Invalid, naming skip_performance, when no row has a truth."""
    if task.target not in rows.names:
        raise Invalid(f"Dataset {dataset} has no column '{task.target}' with the ground truth.", hint=SKIP)
    true = truth(rows, task)
    unlabelled = np.isnan(true) if not task.classifies else true == UNLABELLED
    if unlabelled.all():
        raise Invalid(f"The ground truth '{task.target}' of {dataset} is empty in every row.", hint=SKIP)
    weighed = weights(rows, task)
    usable = guess.known & ~unlabelled & (true >= 0 if task.classifies else True) & _weighed(weighed)
    if not usable.any():
        raise Invalid(f"No row of {dataset} has both a prediction and a known truth.", hint=SKIP)
    return Judged(
        truth=true[usable],
        guess=Guess(
            label=guess.label[usable],
            proba=None if guess.proba is None else _finite(guess.proba[usable]),
            weights=None if weighed is None else weighed[usable],
            classes=task.classes,
            settings=task.settings,
            reference=reference,
        ),
        everywhere=true,
        rows=usable,
        unlabelled=int(unlabelled.sum()),
        unknown=_unknown(rows, task, true),
    )


def truth(rows: Rows, task: Task) -> np.ndarray:
    """(n,) class codes (-1 empty, -2 none of the classes), or floats with NaN where empty."""
    return _codes(rows, task.target, task) if task.classifies else _numbers(rows, task.target)


def _finite(proba: np.ndarray) -> np.ndarray | None:
    """None when a judged row lacks a probability: scores that need them are then left out."""
    return proba if np.isfinite(proba).all() else None


def weights(rows: Rows, task: Task) -> np.ndarray | None:
    """(n,) weights of the rows, NaN where empty; None when they weigh alike."""
    return _numbers(rows, task.weight) if task.weight else None


def _weighed(weights: np.ndarray | None) -> Any:
    return True if weights is None else np.nan_to_num(weights) > 0


def _unknown(rows: Rows, task: Task, truth: np.ndarray) -> dict[str, int]:
    if not task.classifies or not (truth == UNKNOWN).any():
        return {}
    words = rows.column(task.target).filter(pa.array(truth == UNKNOWN)).to_pylist()
    return dict(Counter(str(word) for word in words).most_common(10))


def _codes(rows: Rows, column: str, task: Task) -> np.ndarray:
    return target.codes(rows.column(column), task.classes, name=column)


def _numbers(rows: Rows, column: str) -> np.ndarray:
    return cells.numbers(rows.column(column), name=column)
