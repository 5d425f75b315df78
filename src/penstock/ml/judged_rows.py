"""Judged forecasts as rows: for people, one for each forecast and step; and as a version keeps those of its training.

judged.parquet      one row a forecast: series, instant of the row before it, truth, forecast and quantiles as lists
held.parquet        the rows of the train data they were made from and judged on, under the names of the design
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from penstock.core.errors import Invalid
from penstock.core.forecasting import ForecastDesign
from penstock.ml import model_file, time_zones
from penstock.ml.backtest import Backtest
from penstock.ml.forecasts import FORECAST, quantile_column, typed

JUDGED, HELD = "judged.parquet", "held.parquet"
ORIGIN, STEP, ERROR, ABSOLUTE = "origin", "step", "error", "absolute_error"
Place = tuple[tuple[str, ...], int]
"""A series, and the instant of the last row before a forecast."""


@dataclass(frozen=True, slots=True)
class One:
    """One judged forecast: (horizon,) of truth and forecast, (horizon, quantiles) or None."""

    truth: np.ndarray
    said: np.ndarray
    quantiles: np.ndarray | None


def each(test: Backtest) -> dict[Place, One]:
    """Every forecast of a backtest."""
    said = test.quantiles
    return {
        (test.many[of].key, int(test.many[of].times[at - 1])): One(
            test.truth[n], test.said[n], None if said is None else said[n]
        )
        for n, (of, at) in enumerate(zip(test.windows.of, test.windows.at, strict=True))
    }


def table(test: Backtest, like: pa.Schema, *, quantiles: bool, errors: bool) -> pa.Table:
    """One row for each forecast and step: series, origin, step, time, the truth, what was said, how far it was off.

    Series and times in the types of `like`. Raises Invalid when a column of the design has a name that is needed here.
    """
    design, steps, n = test.design, test.design.horizon, len(test.said)
    whose = [test.many[of] for of in test.windows.of]
    columns: dict[str, pa.Array] = {
        name: pa.array(np.repeat([one.key[place] for one in whose], steps), pa.string())
        for place, name in enumerate(design.series)
    }
    before = [one.times[at - 1] for one, at in zip(whose, test.windows.at, strict=True)]
    ahead = [one.times[at : at + steps] for one, at in zip(whose, test.windows.at, strict=True)]
    when = like.field(design.time).type
    own: dict[str, pa.Array] = {
        ORIGIN: time_zones.written(np.repeat(before, steps), design, when),
        STEP: pa.array(np.tile(np.arange(1, steps + 1), n)), FORECAST: pa.array(test.said.reshape(-1)),
    }  # fmt: skip
    for place, q in enumerate(design.quantiles if quantiles and test.quantiles is not None else ()):
        own[quantile_column(q)] = pa.array(test.quantiles[:, :, place].reshape(-1))  # type: ignore[index]
    if errors:
        error = (test.said - test.truth).reshape(-1)
        own |= {ERROR: pa.array(error), ABSOLUTE: pa.array(np.abs(error))}
    _refuse_double(own, design)
    columns[design.time] = time_zones.written(np.concatenate(ahead), design, when)
    columns[design.target] = pa.array(test.truth.reshape(-1))
    columns |= {name: typed(columns[name], like.field(name).type) for name in design.series}
    return pa.table({**columns, **own})


def keep(folder: Path, test: Backtest) -> None:
    """Write both files."""
    found = each(test)
    pq.write_table(pa.table({
        "series": pa.array([list(key) for key, _ in found], pa.list_(pa.string())),
        "origin": pa.array([origin for _, origin in found], pa.int64()),
        "naive": pa.array(_finite(test.naive[test.windows.of]), pa.float64()),
        "truth": _lists([one.truth for one in found.values()]),
        "forecast": _lists([one.said for one in found.values()]),
        "quantiles": _lists([one.quantiles for one in found.values()]),
    }), folder / JUDGED)  # fmt: skip
    pq.write_table(_held(test), folder / HELD)


def kept(folder: Path, design: ForecastDesign) -> dict[Place, One]:
    """The judged forecasts of a version's training; none for one that did not keep them yet."""
    if not (folder / JUDGED).is_file():
        return {}
    return {
        (tuple(row["series"]), row["origin"]): One(
            np.array(row["truth"]), np.array(row["forecast"]), _quantiles(row["quantiles"], design)
        )
        for row in model_file.read_rows(folder / JUDGED).to_pylist()
    }


def naive(folder: Path) -> dict[Place, float]:
    """Of each judged forecast the naive error of its series before the rows held back; NaN where it is not known."""
    rows = model_file.read_rows(folder / JUDGED).to_pylist()
    return {
        (tuple(row["series"]), row["origin"]): np.nan if row["naive"] is None else row["naive"]
        for row in rows
    }


def held(folder: Path) -> pa.Table:
    """The rows that the forecasts were made from and judged on."""
    return model_file.read_rows(folder / HELD)


def _finite(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _quantiles(cells: list[float] | None, design: ForecastDesign) -> np.ndarray | None:
    return None if cells is None else np.array(cells).reshape(design.horizon, len(design.quantiles))


def _lists(values: list[np.ndarray] | list[np.ndarray | None]) -> pa.Array:
    cells = [None if one is None else one.reshape(-1).tolist() for one in values]
    return pa.array(cells, pa.list_(pa.float64()))


def _held(test: Backtest) -> pa.Table:
    design = test.design
    first = {place: int(test.windows.at[test.windows.of == place].min()) for place in test.judged}
    some = [(test.many[place], slice(at - design.window_steps, None)) for place, at in first.items()]
    columns: dict[str, pa.Array] = {
        name: pa.array([one.key[place] for one, rows in some for _ in one.times[rows]], pa.string())
        for place, name in enumerate(design.series)
    }
    columns[design.time] = time_zones.kept(np.concatenate([one.times[rows] for one, rows in some]), design)
    columns[design.target] = pa.array(np.concatenate([one.values[rows] for one, rows in some]))
    known = np.concatenate([one.externals[rows] for one, rows in some])
    return pa.table({**columns, **{name: pa.array(known[:, n]) for n, name in enumerate(design.externals)}})


def _refuse_double(own: dict[str, pa.Array], design: ForecastDesign) -> None:
    double = next((name for name in (design.time, design.target, *design.series) if name in own), "")
    if double:
        raise Invalid(
            f"The rows of the evaluation have a column '{double}' of their own, and so has the design.",
            hint="Leave `output` out, or rename the column before training.",
        )
