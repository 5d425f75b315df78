"""A forecast model on rows that came after those it learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from penstock.core.counting import counted
from penstock.core.errors import Invalid
from penstock.ml import backtest, forecast_windows, series, time_steps
from penstock.ml.backtest import Backtest
from penstock.ml.diagnostics import Diagnostic
from penstock.ml.forecasts import ForecastModel
from penstock.ml.series import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """How a model did on rows it had not seen.

    rows         how many of them were forecast, each once however many forecasts spoke of it
    first, last  the instants of the first and the last of them
    """

    test: Backtest
    rows: int
    first: int
    last: int
    doubts: tuple[Diagnostic, ...]


def judged(model: ForecastModel, table: pa.Table, *, where: str, since: int | None = None) -> Later:
    """Forecast from every row of each known series whose whole horizon lies behind what the model learned of it.

    since: an instant in µs; rows before it are not judged either. Raises ColumnMissing, and Invalid for irregular
    dates, empty cells, and when there is nothing to judge.
    """
    design = model.design
    found = [one for one in series.read(table, design, where=where) if len(one)]
    many = [one for one in found if one.key in model.known]
    if not many:
        raise Invalid(
            f"None of the {counted(len(found), 'series', 'series')} of {where} was in the train data of the model."
        )
    for one in many:
        series.check_whole(one, design)
    starts = [_start(one, model, since) for one in many]
    ends = [
        backtest.spread(start, len(one) - design.horizon) for one, start in zip(many, starts, strict=True)
    ]
    if not any(map(len, ends)):
        raise _nothing(many, model, where, since)
    windows = forecast_windows.known(many, design, backtest.thinned(ends, design.horizon))
    said = windows.restored(model.continued(windows.windows))
    test = Backtest(
        design=design, many=many, windows=windows, said=said,
        quantiles=said[:, :, None] + windows.spread[:, :, None] * model.bands[None],
        naive=backtest.naive_errors(many, starts, design.season_steps),
    )  # fmt: skip
    return _told(test, tuple(_doubts(found, test, model)))


def _start(one: Series, model: ForecastModel, since: int | None) -> int:
    """How many rows of a series lie before the first that may be judged."""
    limits = [end for end in (model.known[one.key], None if since is None else since - 1) if end is not None]
    learned = int(np.searchsorted(one.times, max(limits), side="right")) if limits else 0
    return max(learned, model.design.window_steps)


def _told(test: Backtest, doubts: tuple[Diagnostic, ...]) -> Later:
    at, of = test.windows.at[:, None] + np.arange(test.design.horizon), test.windows.of
    places = {place: np.unique(at[of == place]) for place in test.judged}
    times = [test.many[place].times[rows] for place, rows in places.items()]
    return Later(
        test=test, rows=sum(map(len, times)), first=min(int(t[0]) for t in times),
        last=max(int(t[-1]) for t in times), doubts=doubts,
    )  # fmt: skip


def _nothing(many: Sequence[Series], model: ForecastModel, where: str, since: int | None) -> Invalid:
    design = model.design
    one = max(many, key=lambda each: len(each) - _start(each, model, since))
    left, end = max(0, len(one) - _start(one, model, since)), model.known[one.key]
    learned = (
        f" after {time_steps.short(end)}, the last row that the model learned of it"
        if end is not None
        else ""
    )
    return Invalid(
        f"There is nothing to judge in {where}: {series.name(one.key, design)} has {counted(left, 'row')}{learned} "
        f"with a window of {design.window_steps} rows before, and a whole horizon of {design.horizon} is needed.",
        hint="Evaluate once newer rows are there, with the rows before them; or train on earlier rows only.",
    )


def _doubts(found: Sequence[Series], test: Backtest, model: ForecastModel) -> list[Diagnostic]:
    """What to know of what was judged, and of what was not."""
    strangers = [one for one in found if one.key not in model.known]
    left_out = [one for place, one in enumerate(test.many) if place not in test.judged]
    said, design = [], test.design
    if strangers:
        said.append(
            f"{counted(len(strangers), 'series', 'series')} were not in the train data and are not judged: "
            f"{series.name(strangers[0].key, design)} is one."
        )
    if left_out:
        said.append(
            f"{counted(len(left_out), 'series', 'series')} have too few new rows and are not judged: "
            f"{series.name(left_out[0].key, design)} is one."
        )
    if any(model.known[one.key] is None for one in test.many):
        said.append(
            "The version does not say how far the rows went that it learned: some of those judged may be among them. "
            "Train it again, and evaluations leave these out."
        )
    return [Diagnostic("dataset_sanity", "Rows not judged", sentence) for sentence in said]
