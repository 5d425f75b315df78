"""Rows to learn from, and fitting one candidate on some of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from penstock.core.algorithm import Algorithm
from penstock.core.design import Design, Handling
from penstock.core.score import PredictionType
from penstock.ml import fitting, target
from penstock.ml.design import handlings
from penstock.ml.prepare import Preparation
from penstock.ml.scorer import Scorer, scorer_of

FEW_CELLS = 500_000
"""With fewer cells in the matrix, threads wait for each other longer than they work."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Labelled rows, in time order when the design says so."""

    table: pa.Table
    truth: np.ndarray
    """(n,) class codes or floats."""
    weights: np.ndarray | None
    """(n,) sample weights."""
    count: int
    """Number of classes; 0 for regression."""
    handlings: Mapping[str, Handling]
    prediction_type: PredictionType
    by_class: bool
    """Classes weigh alike."""
    ordered: bool
    seed: int
    threads: int

    def rows(self, places: np.ndarray) -> Lesson:
        """The lesson of some rows."""
        return Lesson(
            self.table.take(pa.array(places)),
            self.truth[places],
            None if self.weights is None else self.weights[places],
            self.count,
            self.handlings,
            self.prediction_type,
            self.by_class,
            self.ordered,
            self.seed,
            self.threads,
        )

    @property
    def strata(self) -> np.ndarray | None:
        return self.truth if self.count else None

    def fit_weights(self) -> np.ndarray | None:
        """(n,) row weights for fitting: sample weights times n / (k · class weight), or None when all are alike."""
        if not self.by_class:
            return self.weights
        sample = np.ones(len(self.truth)) if self.weights is None else self.weights
        totals = np.bincount(self.truth, weights=sample, minlength=self.count)
        seen = max(1, int((totals > 0).sum()))
        factors = np.divide(sample.sum(), seen * totals, out=np.zeros_like(totals), where=totals > 0)
        return sample * factors[self.truth]


@dataclass(frozen=True, slots=True)
class Learned:
    """One candidate, fitted."""

    preparation: Preparation
    scorer: Scorer
    estimator: object
    matrix: np.ndarray
    """(n, width) the prepared rows it was fitted on."""
    kept: np.ndarray
    """(n,) False for rows that a drop rule took out."""
    complaints: tuple[str, ...]
    """What the library warned of while fitting."""


def lesson_of(
    design: Design,
    table: pa.Table,
    truth: np.ndarray,
    weights: np.ndarray | None,
    *,
    count: int,
    threads: int,
) -> Lesson:
    """The lesson of a complete design. Sample weights are used when the design's weighting says so."""
    by_sample = design.weighting in ("sample", "class_and_sample")
    assert design.prediction_type is not None
    inputs = handlings(design)
    return Lesson(
        table.select(list(inputs)),
        truth,
        weights if by_sample else None,
        count,
        inputs,
        design.prediction_type,
        design.weighting in ("class", "class_and_sample"),
        design.split.type == "time",
        design.seed,
        threads,
    )


def fit(lesson: Lesson, algorithm: Algorithm) -> Learned:
    """Learn the preparation and the estimator from these rows alone."""
    means = target.columns_for_means(lesson.truth, lesson.count)
    prepared = fitting.fit(lesson.handlings, lesson.table, means, seed=lesson.seed)
    kept = prepared.kept
    matrix = prepared.matrix if kept.all() else prepared.matrix[kept]
    weights = lesson.fit_weights() if algorithm.TAKES_WEIGHTS else None
    threads = 1 if matrix.size < FEW_CELLS else lesson.threads
    estimator = algorithm.estimator(lesson.prediction_type, seed=lesson.seed, threads=threads)
    fit_args = {} if weights is None else {"sample_weight": weights[kept]}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator.fit(matrix, lesson.truth[kept], **fit_args)
    complaints = tuple(dict.fromkeys(str(w.message).splitlines()[0] for w in caught))
    scorer = scorer_of(estimator, lesson.prediction_type, lesson.count)
    return Learned(prepared.preparation, scorer, estimator, matrix, kept, complaints)
