"""Drift results go to plain JSON and back, and hand their metrics to the evaluation store."""

from __future__ import annotations

import json

from penstock.core import metric
from penstock.core.drift import FeatureRisk
from penstock.core.drift_report import (
    ClassShare,
    ColumnDrift,
    Density,
    DistanceResult,
    DriftReport,
    GlobalDrift,
    Histogram,
    Missing,
    PredictionDrift,
    Univariate,
)


def a_row(name: str, p: float, psi: float, *, verdict: str | None = "inconclusive") -> ColumnDrift:
    return ColumnDrift(
        column=name, handling="numerical", default_handling="numerical",
        distances={"ks": DistanceResult(value=0.1, p_value=p, effect=0.1), "psi": DistanceResult(value=psi)},
        missing=Missing(reference=0.0, current=0.1, difference=0.1, lower=0.0, upper=0.2, p_value=0.5),
        histogram=Histogram(reference=(1, 2), current=(3, 4), edges=(0.0, 1.0, 2.0)),
        verdict=verdict,  # type: ignore[arg-type]
    )  # fmt: skip


REPORT = DriftReport(
    score=GlobalDrift(score=0.61, lower=0.55, upper=0.66, p_value=0.001, importances={"a": 100.0}, drawn_each=179),
    univariate=Univariate(columns=(a_row("a", 0.2, 0.5), a_row("b", 0.001, 0.3, verdict="drift"))),
    prediction=PredictionDrift(
        fugacity=(ClassShare(label="1", reference=0.0, current=5.0, difference=5.0, relative_change=None),),
        densities=(Density(label="proba_1", points=(0.0,), reference=(1.0,), current=(2.0,)),),
        psi=0.04, chi_square=DistanceResult(p_value=0.03), ks=DistanceResult(p_value=0.02),
    ),
    risks=(FeatureRisk(column="a", drift=100.0, model=None),),
)  # fmt: skip


def test_a_report_survives_the_way_to_json_and_back() -> None:
    assert DriftReport.from_dict(json.loads(json.dumps(REPORT.to_dict(), allow_nan=False))) == REPORT


def test_an_empty_report_survives_too() -> None:
    assert DriftReport.from_dict(DriftReport().to_dict()) == DriftReport()
    assert DriftReport().metrics() == {}


def test_a_report_hands_its_metrics_to_the_store() -> None:
    found = REPORT.metrics()
    assert found[metric.DATA_DRIFT] == 0.61
    assert found[metric.DRIFTED_COLUMNS] == 1
    assert found[metric.MIN_KS_P_VALUE] == 0.001
    assert found[metric.MAX_PSI] == 0.5
    assert found[metric.univariate_id("b", "ks")] == 0.001
    assert (found[metric.PREDICTION_PSI], found[metric.PREDICTION_CHI2_P_VALUE]) == (0.04, 0.03)
    assert metric.MIN_CHI2_P_VALUE not in found


def test_rows_are_ranked_by_verdict_then_p_value() -> None:
    rows = Univariate(
        columns=(a_row("a", 0.2, 0.5), a_row("b", 0.3, 0.1, verdict="drift"), a_row("c", 0.1, 0.0))
    )
    assert [row.column for row in rows.ranked()] == ["b", "c", "a"]
    assert rows.drifted == ("b",)


def test_the_explanation_says_how_many_false_alarms_chance_would_give() -> None:
    text = Univariate(columns=tuple(a_row(str(n), 0.5, 0.0) for n in range(40))).explanation()
    assert "0 of 40 columns drift" in text
    assert "about 2.0 would" in text


def test_the_sample_tells_how_many_rows_came_from_each_side() -> None:
    assert REPORT.score is not None
    assert REPORT.score.sample == "Sample: 358 rows (179 drawn from reference, 179 from current)"
    assert REPORT.score.rescaled is not None
    assert round(REPORT.score.rescaled, 2) == 0.22
