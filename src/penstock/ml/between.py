"""Drift between two sides that lie on disk: samples for the classifier, everything for columns and predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from penstock.core.drift import DriftSettings
from penstock.core.drift_report import DriftReport, PredictionDrift
from penstock.core.score import Guess
from penstock.ml import drift
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.columns import Columns, StoredColumns, columns_of
from penstock.ml.rows import Rows
from penstock.ml.task import Guessed, Task

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison."""

    sample: Path
    """Rows in Parquet: for the classifier."""
    rows: int
    """How many rows there are in all."""
    everything: Path | None = None
    """All rows in Parquet; None: the sample is all there is, or the profile stands for it."""
    profile: Path | None = None
    """Stored profiles of the drift columns over all rows."""
    parts: Columns | None = None
    """Profiles of all rows that were made where the rows are."""
    guessed: Guessed | None = None
    """Predictions of all rows; None when it has none."""

    def columns(self) -> Columns:
        """All its rows, a column at a time."""
        if self.parts is not None:
            return self.parts
        return StoredColumns(self.profile) if self.profile else columns_of(self.everything or self.sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How two sides are compared."""

    settings: DriftSettings
    roles: Mapping[str, str] | None = None
    """Column → how the model handles it; None: every column by its storage type."""
    task: Task | None = None
    """None: no predictions are compared."""
    importance: Mapping[str, float] | None = None
    """Feature → importance in the model."""
    description: str = ""
    """The reference in words."""


def compared(
    reference: Side, current: Side, terms: Terms, *, progress: Progress | None = None
) -> DriftReport:
    """The global score on the samples; every column and the predictions on all rows."""
    wanted = {*(terms.roles or ()), *terms.settings.columns} if terms.roles is not None else None
    before, now = (_only(on_disk.opened(side.sample), wanted) for side in (reference, current))
    score = drift.global_drift(before, now, terms.roles, terms.settings)
    columns = drift.univariate(
        reference.columns(), current.columns(), terms.roles, terms.settings, progress=progress
    )
    return drift.report(
        score=score, columns=columns, prediction=predictions(reference, current, terms),
        importances=terms.importance, reference=terms.description,
    )  # fmt: skip


def predictions(reference: Side, current: Side, terms: Terms) -> PredictionDrift | None:
    """Prediction drift on all rows; None where nothing was predicted at all."""
    task = terms.task
    if task is None or current.guessed is None:
        return None
    if reference.guessed is None:
        return PredictionDrift(reason="The reference has no predictions.")
    sides = guess(reference.guessed, task), guess(current.guessed, task)
    return drift.prediction_drift(*sides, task.prediction_type, terms.settings)


def sampled(reference: Side, current: Side, terms: Terms) -> dict[str, Any] | None:
    """Columns and predictions on the two samples alone, as plain values; None where the samples are everything."""
    files = on_disk.opened(reference.sample), on_disk.opened(current.sample)
    if (files[0].count, files[1].count) == (reference.rows, current.rows):
        return None
    bare = terms.settings.changed(histograms=False)
    columns = drift.univariate(columns_of(reference.sample), columns_of(current.sample), terms.roles, bare)
    sides = [
        _with_predictions(side, file, terms.task)
        for side, file in zip((reference, current), files, strict=True)
    ]
    prediction = predictions(sides[0], sides[1], replace(terms, settings=bare))
    return {
        "reference_rows": files[0].count, "current_rows": files[1].count, "univariate": columns.to_dict(),
        "prediction": replace(prediction, densities=()).to_dict() if prediction else None,
    }  # fmt: skip


def _with_predictions(side: Side, file: Rows, task: Task | None) -> Side:
    has = task is not None and side.guessed is not None
    return replace(side, guessed=tasks.guessed(file, task) if has and task else None)


def guess(found: Guessed, task: Task) -> Guess:
    """The rows that have a prediction; classes as texts."""
    proba = None if found.proba is None else found.proba[found.known]
    return Guess(label=found.label[found.known], proba=proba, classes=task.class_names)


def _only(rows: Rows, wanted: set[str] | None) -> pa.Table:
    return rows.table([name for name in rows.names if wanted is None or name in wanted])
