"""Rows in time as series: one per identifier, in order, with the rows ahead that know their externals only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from penstock.core.counting import counted
from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.forecasting import ForecastDesign
from penstock.ml import cells, time_steps, time_zones

HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Series:
    """One series up to its last known value.

    times, values  (n,) rising instants in µs, and floats without a gap
    externals      (n, externals) floats; NaN where not given
    ahead, known   (m,) instants after the last value, and (m, externals) what is known of them
    """

    key: tuple[str, ...]
    times: np.ndarray
    values: np.ndarray
    externals: np.ndarray
    ahead: np.ndarray
    known: np.ndarray

    def __len__(self) -> int:
        return len(self.times)

    def last(self, count: int) -> Series:
        """The same, as if it had begun later."""
        return replace(
            self, times=self.times[-count:], values=self.values[-count:], externals=self.externals[-count:]
        )


def name(key: Sequence[str], design: ForecastDesign) -> str:
    """`Series shop=A`, or `The series` when there is one only."""
    if not key:
        return "The series"
    return "Series " + ", ".join(
        f"{column}={value}" for column, value in zip(design.series, key, strict=True)
    )


def read(table: pa.Table, design: ForecastDesign, *, where: str, externals: bool = True) -> list[Series]:
    """The series of a table in the order of their keys. Rows behind the last known target are those ahead.

    Without `externals` past rows need none of those columns to be there. Raises ColumnMissing, and Invalid for what is
    no date, no number, twice at one time, or empty between known values.
    """
    for column in design.columns:
        if column not in table.column_names and (externals or column not in design.externals):
            raise ColumnMissing(column, dataset=where, near=table.column_names, needed_by="The design")
    times = _times(table, design)
    values = cells.numbers(table[design.target], name=design.target)
    known = _externals(table, design)
    groups = _groups(table, design)
    return [_one(key, design, times[rows], values[rows], known[rows]) for key, rows in sorted(groups.items())]


def check(series: Series, design: ForecastDesign) -> None:
    """Raise Invalid when the known rows do not follow each other by one step."""
    gap = time_steps.first_gap(series.times, design.step)
    if gap is not None:
        before, after = (_short(series.times[place], design) for place in (gap - 1, gap))
        raise Invalid(
            f"{name(series.key, design)} is irregular: {after} comes after {before}, which is not one step of "
            f"{design.step}.",
            hint=_ways(series.times[gap] - series.times[gap - 1], design),
        )


def _short(instant: int, design: ForecastDesign) -> str:
    """A time as the clocks of the zone show it."""
    return time_steps.short(int(time_zones.walls(np.array([instant]), design)[0]))


def _ways(between: int, design: ForecastDesign) -> str:
    """What to do about rows that are not one step apart."""
    if not design.zone and abs(time_steps.off(int(between), design.step)) == HOUR:
        return "It is off by an hour: where clocks change, name the zone in the design, such as `zone: Europe/Paris`."
    return "Add the rows that are missing, or choose another time step."


def check_whole(series: Series, design: ForecastDesign) -> None:
    """Raise Invalid when the known rows do not follow each other by one step, or lack an external."""
    check(series, design)
    if np.isnan(series.externals).any():
        row, column = (int(p[0]) for p in np.nonzero(np.isnan(series.externals)))
        raise Invalid(
            f"{name(series.key, design)} has no {design.externals[column]} for "
            f"{_short(series.times[row], design)}.",
            hint="Externals must be known in every row: fill empty cells before.",
        )


def ahead(series: Series, design: ForecastDesign) -> tuple[np.ndarray, np.ndarray]:
    """The (horizon,) instants to forecast, and the (horizon, externals) that are known of them.

    Raises Invalid when an external is missing for one of them.
    """
    times = time_steps.following(series.times, design.step, design.horizon)
    if not design.externals:
        return times, np.empty((design.horizon, 0))
    places = {int(t): place for place, t in enumerate(series.ahead)}
    found = [places.get(int(t)) for t in times]
    missing = [t for t, place in zip(times, found, strict=True) if place is None]
    if missing:
        raise Invalid(
            f"{name(series.key, design)} lacks {counted(len(missing), 'row')} with future externals "
            f"({', '.join(design.externals)}), the first for {_short(missing[0], design)}.",
            hint=f"Add a row without {design.target} for each of the {design.horizon} steps after "
            f"{_short(series.times[-1], design)}.",
        )
    known = series.known[[place for place in found if place is not None]]
    if np.isnan(known).any():
        step, column = (int(p[0]) for p in np.nonzero(np.isnan(known)))
        raise Invalid(
            f"{name(series.key, design)} has no future external {design.externals[column]} for "
            f"{_short(times[step], design)}."
        )
    return times, known


def _one(
    key: tuple[str, ...], design: ForecastDesign, times: np.ndarray, values: np.ndarray, known: np.ndarray
) -> Series:  # fmt: skip
    order = np.argsort(times, kind="stable")
    times, values, known = times[order], values[order], known[order]
    twice = np.flatnonzero(np.diff(times) == 0)
    if len(twice):
        raise Invalid(
            f"{name(key, design)} has two rows for {_short(times[twice[0]], design)}.",
            hint="Keep one of them, or add them up before with Group. Where clocks go back an hour comes twice: write "
            "times with their offset from UTC, such as 02:00+01:00.",
        )
    given = np.flatnonzero(~np.isnan(values))
    end = int(given[-1]) + 1 if len(given) else 0
    if len(given) < end:
        empty = int(np.flatnonzero(np.isnan(values))[0])
        raise Invalid(
            f"{name(key, design)} has no {design.target} for {_short(times[empty], design)}, but values after it.",
            hint="Fill the gap before, or leave the rows before it out.",
        )
    return Series(key, times[:end], values[:end], known[:end], times[end:], known[end:])


def _times(table: pa.Table, design: ForecastDesign) -> np.ndarray:
    empty = cells.instants(table[design.time], name=design.time).null_count
    if empty:
        raise Invalid(f"Column '{design.time}' has {counted(empty, 'row')} without a date.")
    return time_zones.read(table[design.time], design, name=design.time)


def _externals(table: pa.Table, design: ForecastDesign) -> np.ndarray:
    found = [
        cells.numbers(table[column], name=column)
        if column in table.column_names
        else np.full(len(table), np.nan)
        for column in design.externals
    ]
    return np.column_stack(found) if found else np.empty((table.num_rows, 0))


def _groups(table: pa.Table, design: ForecastDesign) -> Mapping[tuple[str, ...], np.ndarray]:
    """Key → the places of its rows."""
    if not design.series:
        return {(): np.arange(table.num_rows)} if table.num_rows else {}
    columns = [_words(table, column) for column in design.series]
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, key in enumerate(zip(*columns, strict=True)):
        groups.setdefault(key, []).append(place)
    return {key: np.asarray(places) for key, places in groups.items()}


def _words(table: pa.Table, column: str) -> list[str]:
    kind = cells.cell_type(table[column].type)
    if kind is None:
        raise Invalid(f"Column '{column}' of type {table[column].type} cannot name a series.")
    words = cells.texts(table[column], name=column, trained=kind)
    if words.null_count:
        raise Invalid(
            f"Column '{column}' is empty in {counted(words.null_count, 'row')}: which series are they of?"
        )
    return [str(word) for word in words.to_pylist()]
