"""Calibration loss over several classes."""

from __future__ import annotations

import numpy as np
import pytest

from penstock.ml import measures

from .given import CLASSES, PROBAS, multiclass, score


def test_it_averages_the_classes() -> None:
    each = [
        measures.calibration_loss((k == CLASSES) * 1, PROBAS[:, k], np.ones(len(CLASSES))) or 0.0
        for k in range(3)
    ]
    shares = np.bincount(CLASSES) / len(CLASSES)
    assert score("mcalibration_loss", CLASSES, multiclass()) == pytest.approx(np.dot(each, shares))
    assert score("mcalibration_loss", CLASSES, multiclass(averaging="unweighted")) == pytest.approx(
        np.mean(each)
    )
