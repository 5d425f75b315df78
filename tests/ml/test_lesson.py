"""Rows to learn from, and how much each of them weighs."""

from __future__ import annotations

import numpy as np
import pytest

from penstock.ml import design as designs
from penstock.ml.lesson import Lesson, fit, lesson_of

from .models import design, visits


def lesson(truth: np.ndarray | None = None, weights: np.ndarray | None = None, **settings: object) -> Lesson:
    done = designs.complete(design(algorithm="knn", **settings), visits())
    codes = visits()["late"].to_numpy() if truth is None else truth
    return lesson_of(done, visits(), codes, weights, count=2, threads=1)


def test_every_class_weighs_alike() -> None:
    found = lesson()
    weights = found.fit_weights()
    assert weights is not None
    totals = np.bincount(found.truth, weights=weights)
    assert totals[0] == pytest.approx(totals[1])
    assert weights.sum() == pytest.approx(600)


def test_sample_weights_multiply_class_weights() -> None:
    sample = np.linspace(1, 2, 600)
    found = lesson(weights=sample, features={"count": "weight"})
    weights = found.fit_weights()
    assert weights is not None
    totals = np.bincount(found.truth, weights=weights)
    assert totals[0] == pytest.approx(totals[1])
    same = found.truth == found.truth[0]
    ratio = weights[same] / sample[same]
    np.testing.assert_allclose(ratio, ratio[0])


def test_no_weighting_is_no_weights() -> None:
    assert lesson(weighting="none").fit_weights() is None


def test_weights_are_kept_from_algorithms_that_take_none() -> None:
    done = designs.complete(design(algorithm="knn"), visits())
    assert fit(lesson(), done.algorithms[0]).kept.all()


def test_some_rows_are_a_smaller_lesson() -> None:
    part = lesson().rows(np.array([3, 1]))
    assert part.truth.tolist() == [visits()["late"][3].as_py(), visits()["late"][1].as_py()]
    assert part.table["age"].to_pylist() == [visits()["age"][3].as_py(), visits()["age"][1].as_py()]
