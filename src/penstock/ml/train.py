"""Training: a design and a table in, a model with everything worth knowing about it out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core.algorithm import Algorithm
from penstock.core.design import Design, OptimisedThreshold
from penstock.core.errors import Invalid
from penstock.ml import calibration, cells, design, onnx_form, performance, scoring, split, target
from penstock.ml.calibration import Calibrator
from penstock.ml.diagnostics import Diagnostic
from penstock.ml.explain import Importances
from penstock.ml.lesson import Learned, Lesson, fit, lesson_of
from penstock.ml.performance import Judged
from penstock.ml.predictor import PREDICTION, Prediction, Predictor, algorithm_label
from penstock.ml.report import Report, Taught, importances, report_of
from penstock.ml.search import Found, Progress, ShouldStop, search

BACKGROUND_ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """A freshly trained model: the predictor, and the facts a version keeps."""

    design: Design
    """As it was trained: every gap of the person's design filled."""
    winner: Algorithm
    """The algorithm that was kept, its hyperparameters fixed."""
    predictor: Predictor
    estimator: Any
    report: Report
    test: pa.Table
    """The test rows with all their columns, probabilities and predictions: the reference of drift."""
    judged: Judged | None
    """The test rows that could be judged."""

    @property
    def performance(self) -> Mapping[str, float | None]:
        return self.report.performance

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return self.report.diagnostics

    @property
    def importances(self) -> Importances:
        return self.report.importances


def train(
    wanted: Design,
    table: pa.Table,
    *,
    test: pa.Table | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    threads: int | None = None,
) -> TrainedModel:
    """Train as designed. `progress(sentence, fraction)` is told how far it is; the same data and seeds give the
    same model for every number of threads.

    Rows without a target are left out. The test rows enter neither search, nor calibration, nor threshold. When
    `should_stop()` says so, the search ends and the best candidate so far is trained.

    Raises ColumnMissing, or Invalid when a class is missing on one side or the split leaves a side empty.
    """
    with single_threaded_algebra():
        return _Training(
            wanted,
            table,
            test,
            progress or (lambda message, fraction: None),
            should_stop or (lambda: False),
            threads or scoring.processors(),
        ).run()


@contextmanager
def single_threaded_algebra() -> Iterator[None]:
    """Sums in linear algebra depend in their last bits on the number of threads: keep it at one."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(limits=1, user_api="blas"):
        yield


@dataclass(slots=True)
class _Training:
    wanted: Design
    table: pa.Table
    given_test: pa.Table | None
    progress: Progress
    should_stop: ShouldStop
    threads: int
    timing: dict[str, float] = field(default_factory=dict)

    def run(self) -> TrainedModel:
        started = time.monotonic()
        with self._stage("prepare", "Looking at the columns", 0.0):
            self._look()
        taught, test, prediction, spread = self._teach_and_test()
        judged = performance.judge(
            taught.predictor,
            test,
            prediction,
            settings=self.design.metric_settings,
            weights=self.design.weight_column if taught.lesson.weights is not None else None,
        )
        with self._stage("importance", "Measuring importance", 0.85):
            weights = importances(self.design, taught.predictor, taught.found.winner, test, judged)
        self.timing["total"] = time.monotonic() - started
        report = report_of(
            self.design, taught, judged, weights, prediction, spread, self.timing, table=self.table
        )
        self.progress("Done", 1.0)
        return TrainedModel(
            design=self.design,
            winner=taught.found.winner,
            predictor=taught.predictor,
            estimator=taught.learned.estimator,
            report=report,
            test=with_predictions(test, taught.predictor, prediction),
            judged=judged,
        )

    design: Design = field(init=False)
    classes: tuple[target.Label, ...] = field(init=False, default=())
    truth: np.ndarray = field(init=False)

    def _look(self) -> None:
        self.design = design.complete(self.wanted, self.table)
        name = self.design.target
        if self.design.prediction_type != "regression":
            self.classes = target.classes_of(self.table[name], name=name, positive=self.design.positive)
            self._check_count()
        self.table, self.truth = self._labelled(self.table)
        if self.given_test is not None:
            self.given_test, _ = self._labelled(self.given_test)
        if self.design.split.type == "time":
            order = split.time_order(self.table, self.design.split.column)
            self.table, self.truth = self.table.take(pa.array(order)), self.truth[order]

    def _check_count(self) -> None:
        if self.design.prediction_type == "binary" and len(self.classes) != 2:
            raise Invalid(
                f"A binary target has two classes; '{self.design.target}' has {len(self.classes)}: "
                f"{target.describe(self.classes)}."
            )

    def _labelled(self, table: pa.Table) -> tuple[pa.Table, np.ndarray]:
        truth = performance.truth_of(table[self.design.target], self.classes, name=self.design.target)
        known = truth >= 0 if self.classes else ~np.isnan(truth)
        return (table, truth) if known.all() else (table.filter(pa.array(known)), truth[known])

    def _teach_and_test(self) -> tuple[Taught, pa.Table, Prediction, dict[str, float | None]]:
        if self.design.split.type == "cross_test":
            return self._cross_test()
        rows, test = self._sides()
        taught = self._teach(rows)
        with self._stage("test", "Predicting the test rows", 0.8):
            matrix, ok = taught.predictor.preparation.matrix(test, dataset="the test set")
            taught = replace(taught, predictor=onnx_form.fastest(taught.predictor, matrix[ok]))
            prediction = taught.predictor.predict_matrix(matrix, ok)
        return taught, test, prediction, {}

    def _sides(self) -> tuple[np.ndarray, pa.Table]:
        if self.design.split.type == "explicit":
            if self.given_test is None:
                raise Invalid(
                    "The split is explicit, but no test set was given.", hint="Name a test dataset."
                )
            rows, test = np.arange(self.table.num_rows), self.given_test
        else:
            [(rows, places)] = split.parts(self.design, self.table, self.truth)
            test = self.table.take(pa.array(places))
        self._check_sides(rows, test)
        return rows, test

    def _check_sides(self, rows: np.ndarray, test: pa.Table) -> None:
        if not len(rows) or not test.num_rows:
            raise Invalid(
                f"The split leaves {len(rows)} train and {test.num_rows} test rows: both must have some."
            )
        other = performance.truth_of(test[self.design.target], self.classes, name=self.design.target)
        for side, codes in (("train", self.truth[rows]), ("test", other)):
            absent = [target.text_of(c) for k, c in enumerate(self.classes) if not (codes == k).any()]
            if absent:
                raise Invalid(
                    f"No {side} row has class {', '.join(absent)} of '{self.design.target}'.",
                    hint="Every class must be on both sides: take more rows, another split, or drop the class.",
                )

    def _cross_test(self) -> tuple[Taught, pa.Table, Prediction, dict[str, float | None]]:
        """Every fold learns, searches and cuts for itself, so no row tests a model that has seen it."""
        places, guesses, scores = [], [], []
        for train_rows, test_rows in split.parts(self.design, self.table, self.truth):
            test = self.table.take(pa.array(test_rows))
            self._check_sides(train_rows, test)
            taught = self._teach(train_rows)
            guess = taught.predictor.predict(test)
            judged = performance.judge(taught.predictor, test, guess, settings=self.design.metric_settings)
            assert self.design.prediction_type is not None
            scores.append(performance.performance(judged.truth, judged.guess, self.design.prediction_type))
            places.append(test_rows)
            guesses.append(guess)
        final = self._teach(np.arange(self.table.num_rows))
        matrix, ok = final.predictor.preparation.matrix(self.table)
        final = replace(final, predictor=onnx_form.fastest(final.predictor, matrix[ok]))
        order = np.argsort(np.concatenate(places), kind="stable")
        return final, self.table, _joined(guesses, order, final.predictor), spreads(scores)

    def _teach(self, rows: np.ndarray) -> Taught:
        everything = lesson_of(
            self.design,
            self.table,
            self.truth,
            self._weights(),
            count=len(self.classes),
            threads=self.threads,
        )
        lesson = everything if len(rows) == len(self.truth) else everything.rows(rows)
        with self._stage("search", "Searching", 0.05):
            found = search(lesson, self.design, progress=self.progress, should_stop=self.should_stop)
        with self._stage("fit", f"Training {algorithm_label(found.winner)}", 0.6):
            learned, calibrator, threshold = self._fit(lesson, found.winner)
        return Taught(self._predictor(learned, calibrator, threshold, found, lesson), learned, found, lesson)

    def _weights(self) -> np.ndarray | None:
        column = self.design.weight_column
        return None if column is None else performance.row_weights(self.table, column)

    def _fit(self, lesson: Lesson, winner: Algorithm) -> tuple[Learned, Calibrator | None, float | None]:
        """Fit on all the rows but those calibration keeps; cut on rows the fit has not seen."""
        if self.design.calibration is not None and self.classes:
            learned, judged_on, proba, weights = self._held_out(
                lesson, winner, self.design.calibration.held_out
            )
            calibrator = calibration.fit(self.design.calibration.method, proba, judged_on, weights)
            return learned, calibrator, self._cut(judged_on, calibrator.bend(proba), weights)
        cut: float | None = None
        if self.design.prediction_type == "binary":
            cut = self._fixed_cut()
            if cut is None:
                assert isinstance(self.design.threshold, OptimisedThreshold)
                _, judged_on, proba, weights = self._held_out(lesson, winner, self.design.threshold.held_out)
                cut = self._cut(judged_on, proba, weights)
        return fit(lesson, winner), None, cut

    def _held_out(
        self, lesson: Lesson, winner: Algorithm, share: float
    ) -> tuple[Learned, np.ndarray, np.ndarray, np.ndarray | None]:
        """Fit on the rest, and give truth, raw probabilities and weights of the rows held out."""
        rows = len(lesson.truth)
        if lesson.ordered:
            kept, out = split.ordered_parts(np.arange(rows), 1 - share)
        else:
            kept, out = split.random_parts(rows, 1 - share, lesson.seed, lesson.strata)
        learned, aside = fit(lesson.rows(kept), winner), lesson.rows(out)
        matrix, ok = learned.preparation.matrix(aside.table)
        weights = None if aside.weights is None else aside.weights[ok]
        return learned, aside.truth[ok], learned.scorer.raw(matrix[ok]), weights

    def _fixed_cut(self) -> float | None:
        return self.design.threshold if isinstance(self.design.threshold, float) else None

    def _cut(self, truth: np.ndarray, proba: np.ndarray, weights: np.ndarray | None) -> float | None:
        if self.design.prediction_type != "binary":
            return None
        fixed = self._fixed_cut()
        if fixed is not None or not len(truth):
            return fixed if fixed is not None else 0.5
        assert isinstance(self.design.threshold, OptimisedThreshold)
        costs = self.design.metric_settings.cost_matrix
        return performance.best_threshold(truth, proba[:, 1], weights, self.design.threshold.optimise, costs)

    def _predictor(
        self,
        learned: Learned,
        calibrator: Calibrator | None,
        threshold: float | None,
        found: Found,
        lesson: Lesson,
    ) -> Predictor:
        assert self.design.prediction_type is not None
        return Predictor(
            prediction_type=self.design.prediction_type,
            target=self.design.target,
            classes=self.classes,
            threshold=threshold,
            preparation=learned.preparation,
            scorer=learned.scorer,
            calibrator=calibrator,
            algorithm=algorithm_label(found.winner),
            background=background(learned.matrix, self.design.seed),
            start=starting_row(lesson.table),
        )

    @contextmanager
    def _stage(self, name: str, message: str, fraction: float) -> Iterator[None]:
        self.progress(message, fraction)
        started = time.monotonic()
        yield
        self.timing[name] = self.timing.get(name, 0.0) + time.monotonic() - started


def background(matrix: np.ndarray, seed: int) -> np.ndarray:
    """Up to 100 random prepared train rows."""
    if len(matrix) <= BACKGROUND_ROWS:
        return matrix.copy()
    rows = np.random.default_rng(seed).choice(len(matrix), BACKGROUND_ROWS, replace=False)
    return matrix[np.sort(rows)]


def starting_row(table: pa.Table) -> dict[str, Any]:
    """Feature → median of numbers and instants, most frequent value of the others; empty cells do not count."""
    return {name: _middle(table[name]) for name in table.column_names}


def _middle(column: pa.ChunkedArray) -> Any:
    present = column.drop_null()
    if not len(present):
        return None
    kind = cells.content_type(column)
    if kind in ("integer", "number"):
        value = float(np.nanmedian(cells.numbers(present, name="")))
        return int(value) if kind == "integer" and value.is_integer() else value
    if kind == "instant":
        values = np.sort(cells.instants(present, name="").drop_null().to_numpy())
        return str(values[len(values) // 2])
    counted = present.value_counts().to_pylist()
    return min(counted, key=lambda c: (-c["counts"], str(c["values"])))["values"]


def with_predictions(table: pa.Table, predictor: Predictor, prediction: Prediction) -> pa.Table:
    """The rows with probabilities and prediction behind; older columns of these names are replaced."""
    kept = table.select(scoring.kept_columns(predictor, table.column_names, scoring.ScoreOptions()))
    for name, array in zip(predictor.proba_columns, scoring.proba_arrays(prediction), strict=True):
        kept = kept.append_column(name, array)
    return kept.append_column(PREDICTION, prediction.labels)


def spreads(folds: list[dict[str, float | None]]) -> dict[str, float | None]:
    """Score id → two standard deviations over the folds; None when a fold has no value."""
    columns = {code: [fold[code] for fold in folds] for code in folds[0]}
    return {
        c: None if None in v else 2 * float(np.std(np.asarray(v, dtype=np.float64)))
        for c, v in columns.items()
    }


def _joined(parts: list[Prediction], order: np.ndarray, final: Predictor) -> Prediction:
    """The folds' predictions in the order of the rows, cut at the final model's threshold."""
    scored = np.concatenate([p.scored for p in parts])[order]
    if not final.classes:
        values = np.concatenate([p.place for p in parts])[order]
        return Prediction(values, None, scored, pa.array(values, mask=~scored))
    proba = np.concatenate([p.proba for p in parts if p.proba is not None])[order]
    place = final.decide(proba)
    return Prediction(place, proba, scored, target.arrow_labels(place, final.classes, scored))
