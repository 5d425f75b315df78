"""One whole drift analysis: columns, the global score, predictions, and which features to worry about."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from penstock.core.drift import DriftSettings, feature_risks
from penstock.core.drift_report import DriftReport, GlobalDrift, PredictionDrift, Univariate
from penstock.ml.classifier import global_drift
from penstock.ml.columns import ColumnSource
from penstock.ml.prediction_drift import prediction_drift
from penstock.ml.univariate import Progress, univariate

__all__ = ["global_drift", "input_drift", "prediction_drift", "report", "univariate"]


def input_drift(
    reference: pa.Table,
    current: pa.Table,
    roles: Mapping[str, str] | None = None,
    settings: DriftSettings | None = None,
    *,
    all_reference: ColumnSource | None = None,
    all_current: ColumnSource | None = None,
    importances: Mapping[str, float] | None = None,
    prediction: PredictionDrift | None = None,
    progress: Progress | None = None,
) -> DriftReport:
    """Global score on two samples, every column on all rows where more than the sample is given.

    reference, current        samples that fit in memory (a version's test set; the drift sample)
    all_reference, all_current  tables, Parquet paths or stored profiles of everything; default: the samples
    importances               the model's own feature importances, for the scatter
    """
    score = global_drift(reference, current, roles, settings)
    columns = univariate(
        reference if all_reference is None else all_reference,
        current if all_current is None else all_current,
        roles, settings, progress=progress,
    )  # fmt: skip
    return report(score=score, columns=columns, importances=importances, prediction=prediction)


def report(
    *,
    score: GlobalDrift | None = None,
    columns: Univariate | None = None,
    prediction: PredictionDrift | None = None,
    importances: Mapping[str, float] | None = None,
    reference: str = "",
) -> DriftReport:
    """Parts put together, with all their warnings and the feature scatter. Drift importances are read only with
    the score: near 0.5 they are noise, and the report says so."""
    risks = feature_risks(score.importances, importances) if score and score.importances else ()
    warnings = [w for part in (score, columns, prediction) if part is not None for w in part.warnings]
    if score is not None and score.verdict == "inconclusive" and risks:
        warnings.append("The global score is inconclusive, so the drift importances of features are noise.")
    return DriftReport(
        score=score, univariate=columns, prediction=prediction, risks=risks, reference=reference,
        warnings=tuple(dict.fromkeys(warnings)),
    )  # fmt: skip
