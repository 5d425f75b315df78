"""A whole drift analysis, put together."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from penstock.core import metric
from penstock.core.drift import DriftSettings
from penstock.core.drift_report import DriftReport
from penstock.core.score import Guess
from penstock.ml import drift


def side(rows: int, shift: float, seed: int) -> pa.Table:
    random = np.random.default_rng(seed)
    data = {f"n{k}": random.normal(shift if k == 2 else 0, 1, rows) for k in range(24)}
    return pa.table({**data, "c": random.choice(list("abc"), rows)})


@pytest.mark.requirement("M75")
def test_the_shifted_feature_leads_the_scatter_and_both_axes_sum_to_100() -> None:
    importances = {f"n{k}": float(k) for k in range(24)}
    found = drift.input_drift(side(700, 0, 1), side(700, 1, 2), importances=importances)
    assert found.risks[0].column == "n2"
    assert len(found.risks) == 25
    assert sum(r.drift for r in found.risks) == pytest.approx(100)
    assert sum(r.model or 0 for r in found.risks) == pytest.approx(100)


def test_the_score_reads_the_samples_and_the_columns_read_all_rows() -> None:
    whole = side(3_000, 1, 2)
    found = drift.input_drift(side(700, 0, 1), whole.slice(0, 500), all_current=whole)
    assert found.score is not None
    assert found.univariate is not None
    assert found.score.drawn_each == 500
    assert found.univariate.columns[0].current_rows == 3_000


def test_a_report_of_25_columns_stays_under_300_kilobytes_and_hands_over_its_metrics() -> None:
    random = np.random.default_rng(0)
    guess = drift.prediction_drift(*(_regression(random) for _ in range(2)), "regression")
    found = drift.input_drift(side(700, 0, 1), side(700, 1, 2), prediction=guess)
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert len(text) < 300_000
    assert DriftReport.from_dict(json.loads(text)) == found
    assert {metric.DATA_DRIFT, metric.MIN_KS_P_VALUE, metric.MAX_PSI, metric.PREDICTION_PSI} <= set(
        found.metrics()
    )


def test_an_inconclusive_score_says_that_drift_importances_are_noise() -> None:
    found = drift.input_drift(side(600, 0, 1), side(600, 0, 5), settings=DriftSettings(threads=1))
    assert found.score is not None
    assert found.score.verdict == "inconclusive"
    assert any("importances of features are noise" in w for w in found.warnings)


def _regression(random: np.random.Generator) -> Guess:
    return Guess(label=random.normal(size=400))
