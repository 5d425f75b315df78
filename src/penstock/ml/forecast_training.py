"""Training a forecast: every way is judged on rows at the end of each series that it has not seen, the best one learns
all rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa

from penstock.core import registry
from penstock.core.counting import counted
from penstock.core.errors import Aborted, ColumnMissing, Invalid
from penstock.core.forecasting import ForecastDesign, Forecaster
from penstock.ml import backtest, forecast_windows, forecasts, series, time_zones
from penstock.ml.backtest import Backtest
from penstock.ml.diagnostics import Diagnostic
from penstock.ml.forecast_windows import Known
from penstock.ml.forecasts import ForecastModel
from penstock.ml.search import Trial
from penstock.ml.series import Series

NO_MEANING = "It has no meaning on these rows."
USUAL = ("seasonal_naive", "gradient_boosting")
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedForecast:
    """A model, what was found out on the way, and rows it is tried with whenever it is opened."""

    model: ForecastModel
    report: Mapping[str, Any]
    metrics: Mapping[str, float]
    diagnostics: tuple[Diagnostic, ...]
    train_rows: int
    test_rows: int
    golden: pa.Table
    test: Backtest
    """What the kept way said of the rows held back, before it learned them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One way on the rows held back. The quantiles of each half of its windows come from the errors of the other."""

    forecaster: Forecaster
    test: Backtest
    errors: np.ndarray
    """(n, horizon), relative to the spread."""
    seconds: float


def complete(design: ForecastDesign) -> ForecastDesign:
    """The same design with what was left out spelled out."""
    ways = design.forecasters or tuple(
        cast("Forecaster", registry.parse("forecasters", {"type": name})) for name in USUAL
    )
    return design.changed(forecasters=ways, season=design.season_steps, window=design.window_steps)


def require(design: ForecastDesign, names: Sequence[str], dataset: str) -> None:
    """Raise ColumnMissing for the first column of the design that is not there."""
    for column in design.columns:
        if column not in names:
            raise ColumnMissing(column, dataset=dataset, near=names, needed_by="The design")


def train(
    design: ForecastDesign, table: pa.Table, *, dataset: str = "the train data",
    progress: Progress = lambda message, fraction: None, should_stop: Callable[[], bool] = lambda: False,
) -> TrainedForecast:  # fmt: skip
    """Judge every way, keep the best, let it learn all rows.

    Raises ColumnMissing, and Invalid for irregular dates, empty cells and too few rows.
    """
    began, design = time.perf_counter(), complete(design)
    many = _read(design, table, dataset)
    lesson, test = _parts(many, design)
    judged = []
    for place, way in enumerate(design.forecasters):
        if should_stop():
            raise Aborted("Training was stopped.")
        progress(
            f"Judging {way.LABEL} on {counted(len(test), 'forecast')}", place / (len(design.forecasters) + 1)
        )
        judged.append(_judged(way, lesson, test, (many, design)))
    best = min(judged, key=lambda j: _order(j.test.metrics.get(design.metric)))
    progress(f"Training {best.forecaster.LABEL} on all rows", 1 - 1 / (len(design.forecasters) + 1))
    model = _final(best, many, design)
    diagnostics = tuple(_doubts(many, design, judged, best))
    report = _report(many, judged, best, diagnostics, time.perf_counter() - began)
    return TrainedForecast(
        model=model, report=report, metrics={k: v for k, v in best.test.metrics.items() if v is not None},
        diagnostics=diagnostics, train_rows=sum(map(len, many)), test_rows=report["test_rows"],
        golden=_golden(many, design), test=best.test,
    )  # fmt: skip


def _read(design: ForecastDesign, table: pa.Table, dataset: str) -> list[Series]:
    found = [one for one in series.read(table, design, where=dataset) if len(one)]
    for one in found:
        series.check_whole(one, design)
    return found


def _parts(many: Sequence[Series], design: ForecastDesign) -> tuple[Known, Known]:
    """Windows that end before the rows held back, and those that forecast them, step by step."""
    held, needed = design.test_periods * design.horizon, design.window_steps + design.horizon
    longest = max(map(len, many), default=0)
    if longest < needed + held:
        raise Invalid(
            f"There is too little history: the longest series has {counted(longest, 'row')}, and {needed + held} are "
            f"needed: a window of {design.window_steps}, a horizon of {design.horizon}, and {held} to judge on.",
            hint="Give more rows, or lower horizon, window or test_periods.",
        )
    lesson = [backtest.spread(design.window_steps, len(one) - held - design.horizon) for one in many]
    test = [
        backtest.spread(len(one) - held, len(one) - design.horizon)
        if len(one) >= needed + held
        else np.empty(0, np.int64)
        for one in many
    ]
    return _known(many, design, lesson), _known(many, design, test)


def _known(many: Sequence[Series], design: ForecastDesign, ends: Sequence[np.ndarray]) -> Known:
    return forecast_windows.known(many, design, backtest.thinned(ends, design.horizon))


def _judged(
    way: Forecaster, lesson: Known, test: Known, of: tuple[Sequence[Series], ForecastDesign]
) -> Judged:
    began, (many, design) = time.perf_counter(), of
    text = way.learn(lesson.windows, lesson.relative(lesson.truth), seed=design.seed)
    relative = way.opened(text, test.windows, native=False)(test.windows)
    said, errors = test.restored(relative), test.relative(test.truth) - relative
    held = design.test_periods * design.horizon
    found = Backtest(
        design=design, many=many, windows=test, said=said, quantiles=_crosswise(said, errors, test, design),
        naive=backtest.naive_errors(many, [max(0, len(one) - held) for one in many], design.season_steps),
    )  # fmt: skip
    return Judged(forecaster=way, test=found, errors=errors, seconds=time.perf_counter() - began)


def _crosswise(
    said: np.ndarray, errors: np.ndarray, test: Known, design: ForecastDesign
) -> np.ndarray | None:
    """Quantiles of the earlier windows by the errors of the later ones, and the other way round: judged on rows that
    they were not taken from."""
    late = np.zeros(len(said), dtype=np.bool_)
    for place in np.unique(test.of):
        mine = np.flatnonzero(test.of == place)
        late[mine[len(mine) // 2 :]] = True
    if late.all() or not late.any():
        return None
    found = np.empty((*said.shape, len(design.quantiles)))
    for half in (late, ~late):
        found[half] = said[half][:, :, None] + test.spread[half][:, :, None] * forecasts.bands(
            errors[~half], design.quantiles
        )
    return found


def _final(best: Judged, many: Sequence[Series], design: ForecastDesign) -> ForecastModel:
    ends = [backtest.spread(design.window_steps, len(one) - design.horizon) for one in many]
    lesson = _known(many, design, ends)
    text = best.forecaster.learn(lesson.windows, lesson.relative(lesson.truth), seed=design.seed)
    return ForecastModel(
        design=design, forecaster=best.forecaster, text=text,
        continued=best.forecaster.opened(text, lesson.windows, native=False),
        bands=forecasts.bands(best.errors, design.quantiles),
        known={one.key: int(one.times[-1]) for one in many},
    )  # fmt: skip


def _order(value: float | None) -> float:
    return float("inf") if value is None else value


def _doubts(
    many: Sequence[Series], design: ForecastDesign, judged: Sequence[Judged], best: Judged
) -> list[Diagnostic]:
    """What looks wrong."""
    found = []
    needed = design.window_steps + design.horizon * (design.test_periods + 1)
    short = [one for one in many if len(one) < needed]
    if short:
        found.append(Diagnostic(
            "dataset_sanity", "Short series",
            f"{counted(len(short), 'series', 'series')} of {len(many)} have less than {needed} rows and were not "
            f"judged: {series.name(short[0].key, design)} has {len(short[0])}.",
        ))  # fmt: skip
    mase = best.test.metrics["mase"]
    if mase is not None and mase >= 1:
        found.append(Diagnostic(
            "model_check", "No better than naive",
            f"MASE is {mase:.3g}: on the rows held back the forecast is no better than last season's value was on "
            "the rows before.",
        ))  # fmt: skip
    if best.test.quantiles is None:
        found.append(Diagnostic(
            "model_check", "Quantiles not judged",
            "With one window per series held back, the quantiles could not be judged on other rows.",
        ))  # fmt: skip
    return found


def _report(
    many: Sequence[Series], judged: Sequence[Judged], best: Judged, diagnostics: Sequence[Diagnostic], seconds: float
) -> dict[str, Any]:  # fmt: skip
    """JSON-ready facts, under the names that reports of other models use too."""
    design, metrics = best.test.design, best.test.metrics
    held = design.test_periods * design.horizon
    return {
        "algorithm": best.forecaster.LABEL, "hyperparameters": best.forecaster.settings(),
        "main_metric": design.metric, "performance": dict(metrics), "spread": {},
        "unavailable": {k: NO_MEANING for k, v in metrics.items() if v is None},
        "importances": {"shapley": None, "permutation": None, "note": "A forecast has no importances."},
        "diagnostics": [each.as_mapping() for each in diagnostics],
        "trials": [asdict(_trial(one, design)) for one in judged],
        "search_stopped": "", "matrix_columns": [], "train_rows": sum(map(len, many)),
        "test_rows": held * len(best.test.judged),
        "features": [design.time, *design.series, design.target, *design.externals], "dropped_rows": 0,
        "timing": {"total": seconds}, "forecast": best.test.told(),
    }  # fmt: skip


def _trial(judged: Judged, design: ForecastDesign) -> Trial:
    way = judged.forecaster
    return Trial(way.LABEL, way.settings(), judged.test.metrics[design.metric], None, judged.seconds)


def _golden(many: Sequence[Series], design: ForecastDesign) -> pa.Table:
    """Rows of up to three series: a window, then one horizon whose targets are left out."""
    whole = design.window_steps + design.horizon
    some = [one.last(whole) for one in many if len(one) >= whole][:3]
    columns: dict[str, pa.Array] = {
        column: pa.array([one.key[place] for one in some for _ in range(whole)], pa.string())
        for place, column in enumerate(design.series)
    }
    columns[design.time] = time_zones.kept(np.concatenate([one.times for one in some]), design)
    past = [[*one.values[: design.window_steps].tolist(), *[None] * design.horizon] for one in some]
    columns[design.target] = pa.array([cell for one in past for cell in one], pa.float64())
    known = np.concatenate([one.externals for one in some])
    for place, column in enumerate(design.externals):
        columns[column] = pa.array(known[:, place])
    return pa.table(columns)
