"""What the Analyses port computes, over files a node keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from penstock.core.analysis import Imported, ImportSettings, Scored
from penstock.core.drift import DriftSettings
from penstock.core.drift_report import DriftReport
from penstock.core.errors import NotFound
from penstock.ml import (
    between,
    estimation,
    explain,
    fairness,
    mlflow,
    model_file,
    performance,
    scoring,
    subpopulations,
    test_set,
)
from penstock.ml import rows as on_disk
from penstock.ml import task as tasks
from penstock.ml.between import Side, Terms
from penstock.ml.predictor import Predictor
from penstock.ml.task import Task
from penstock.ml.train import with_predictions

REMEMBERED = 32
Pairs = tuple[tuple[str, Any], ...]


def drift(
    reference: Scored, current: Scored, settings: DriftSettings,
    roles: Mapping[str, str] | None, importance: Mapping[str, float] | None,
) -> DriftReport:  # fmt: skip
    """Compare two samples under any settings; the last questions are remembered."""
    return _drift(reference, current, settings.model_dump_json(), _pairs(roles), _pairs(importance))


def predict(files: Path, rows: Any, threshold: float | None = None) -> pa.Table:
    """`proba_<class>` and `prediction`, one line a row of an Arrow table or batch, a data frame or mappings."""
    options = scoring.ScoreOptions(columns=(), threshold=threshold)
    reader = _as_arrow(rows).to_reader()
    return scoring.score_batches(_opened(files), reader, options, dataset="the rows").read_all()


def what_if(files: Path, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The typical train row with some cells changed: prediction, probabilities, what moved it."""
    return asdict(explain.what_if(_opened(files), dict(changes)))


def partial_dependence(files: Path, feature: str) -> dict[str, Any]:
    """How the prediction moves with one feature, over a sample of the test set."""
    model = _opened(files)
    if feature not in model.features:
        raise NotFound("feature", feature, among=model.features, where="the model")
    return asdict(explain.partial_dependence(model, _test(files), feature))


def explanations(files: Path, rows: int) -> dict[str, Any]:
    """The lowest and the highest predictions of the test set, each with the features that made it so."""
    model, test = _opened(files), _test(files)
    lowest, highest = explain.extremes(model, test, rows=rows)
    cells = test.select(list(model.features))
    return {"lowest": [_example(e, cells) for e in lowest], "highest": [_example(e, cells) for e in highest]}


def _example(found: explain.Example, cells: pa.Table) -> dict[str, Any]:
    return {**asdict(found), "cells": cells.slice(found.row, 1).to_pylist()[0]}


def subgroups(files: Path, column: str) -> dict[str, Any]:
    """How the model does on the values of one column of its test set."""
    return asdict(subpopulations.subpopulations(_opened(files), _test(files), column))


def fair(files: Path, column: str, reference: str, positive: str) -> dict[str, Any]:
    """Four fairness measures between the groups of a column of the test set."""
    return asdict(
        fairness.fairness(_opened(files), _test(files), column, reference=reference, positive=positive)
    )


def import_mlflow(source: Path, out: Path, settings: ImportSettings) -> Imported:
    """Take in a model that MLflow saved; with rows that hold the target it is measured on them."""
    rows = pq.read_table(settings.rows) if settings.rows else None
    manifest = mlflow.convert(
        source, out, rows=rows, target_column=settings.target, classes=settings.classes or None,
        threshold=settings.threshold, trust_pickle=settings.trust_pickle,
    )  # fmt: skip
    model = model_file.load(out)
    metrics = _measured(model, rows, out) if rows is not None and settings.target in rows.column_names else {}
    model_file.seal(out)
    return Imported(
        prediction_type=model.prediction_type, algorithm=manifest.algorithm, classes=model.class_names,
        threshold=model.threshold, features=model.features, scoring=manifest.scoring,
        fingerprint=model_file.fingerprint(out), metrics=metrics,
        test_rows=rows.num_rows if rows is not None and metrics else 0,
    )  # fmt: skip


def _as_arrow(rows: Any) -> pa.Table:
    if isinstance(rows, pa.RecordBatch):
        return pa.Table.from_batches([rows])
    if isinstance(rows, pa.Table):
        return rows
    return (
        pa.Table.from_pandas(rows, preserve_index=False)
        if hasattr(rows, "iloc")
        else pa.Table.from_pylist(rows)
    )


@lru_cache(maxsize=REMEMBERED)
def _drift(
    reference: Scored, current: Scored, settings: str, roles: Pairs | None, importance: Pairs | None
) -> DriftReport:
    terms = Terms(
        settings=DriftSettings.model_validate_json(settings), roles=None if roles is None else dict(roles),
        task=_task(reference, current), importance=None if importance is None else dict(importance),
        description=reference.description,
    )  # fmt: skip
    return between.compared(_side(reference), _side(current), terms)


def _pairs(mapping: Mapping[str, Any] | None) -> Pairs | None:
    return None if mapping is None else tuple(mapping.items())


def _side(of: Scored) -> Side:
    rows, task = on_disk.opened(of.sample), _own_task(of)
    return Side(sample=of.sample, rows=rows.count, guessed=tasks.guessed(rows, task) if task else None)


def _own_task(of: Scored) -> Task | None:
    if of.prediction_type is None:
        return None
    return Task(
        prediction_type=of.prediction_type, target="", prediction=of.prediction, classes=of.classes,
        proba=of.probabilities, threshold=of.threshold,
    )  # fmt: skip


def _task(reference: Scored, current: Scored) -> Task | None:
    return _own_task(current) if reference.prediction_type else None


@lru_cache(maxsize=8)
def _opened(files: Path) -> Predictor:
    return model_file.load(files)


def _test(files: Path) -> Any:
    if not test_set.is_kept(files):
        raise NotFound("test set", files.name, hint="The version was imported without rows to measure it on.")
    return pq.read_table(files / test_set.TEST)


def _measured(model: Predictor, rows: Any, out: Path) -> dict[str, float]:
    """Scores on the rows, which become the version's test set."""
    prediction = model.predict(rows)
    judged = performance.judge(model, rows, prediction)
    tested = with_predictions(rows, model, prediction)
    test_set.keep(out, tested, model)
    estimation.keep(out, tested, model)
    scores = performance.performance(judged.truth, judged.guess, model.prediction_type)
    return {code: value for code, value in scores.items() if value is not None}
