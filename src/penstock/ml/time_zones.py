"""Times of series in the zone of a design, so that a day is a day there when clocks change.

Inside, steps of days and longer are counted on the wall clock of the zone: µs since 1970 as that clock shows them.
Minutes and hours are counted as they pass, in UTC. Without a zone everything is UTC. Times that are written without a
zone are taken as the wall clock of the design's.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from penstock.core.forecasting import ForecastDesign
from penstock.ml import cells

UTC = "UTC"


def read(column: pa.Array | pa.ChunkedArray, design: ForecastDesign, *, name: str) -> np.ndarray:
    """(n,) times as they are counted inside. No cell is empty; raises Invalid for what is no date."""
    found = _numbers(cells.instants(column, name=name))
    if not design.zone:
        return found
    zoned = _zoned(cells.flat(column))
    if design.by_days:
        return np.where(zoned, wall(found, design.zone), found)
    return np.where(zoned, found, utc(found, design.zone))


def instants(times: np.ndarray, design: ForecastDesign) -> np.ndarray:
    """Times as instants in UTC."""
    return utc(times, design.zone) if design.zone and design.by_days else times


def walls(times: np.ndarray, design: ForecastDesign) -> np.ndarray:
    """Times as the clock of the zone shows them."""
    return wall(times, design.zone) if design.zone and not design.by_days else times


def kept(times: np.ndarray, design: ForecastDesign) -> pa.Array:
    """Times as a column that is read as what it was."""
    if design.zone and not design.by_days:
        return pa.array(times, pa.timestamp("us", UTC))
    return pa.array(times, pa.timestamp("us"))


def written(times: np.ndarray, design: ForecastDesign, like: pa.DataType | None = None) -> pa.Array:
    """Times as a column of the type that the rows had; without a zone where that is a text of a date."""
    if like is not None and pa.types.is_timestamp(like) and like.tz is not None:
        return pa.array(instants(times, design), pa.timestamp("us", UTC)).cast(like)
    plain = pa.array(walls(times, design), pa.timestamp("us"))
    if like is None or not (pa.types.is_date(like) or pa.types.is_timestamp(like)):
        return plain
    return plain.cast(like, safe=False)


def wall(times: np.ndarray, zone: str) -> np.ndarray:
    """Instants as the clock of a zone shows them."""
    return _numbers(pc.local_timestamp(pa.array(times, pa.timestamp("us", zone))))


def utc(times: np.ndarray, zone: str) -> np.ndarray:
    """Wall-clock times as instants: the first of two, and the end of the jump for one that is jumped over."""
    plain = pa.array(times, pa.timestamp("us"))
    return _numbers(pc.assume_timezone(plain, zone, ambiguous="earliest", nonexistent="latest"))


def _zoned(column: pa.Array) -> np.ndarray:
    """(n,) whether a cell says which zone it is of."""
    if cells.is_text(column.type):
        found = pc.match_substring_regex(pc.utf8_trim_whitespace(column), f":[0-9.]+{cells.ZONE}$")
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)
    return np.full(len(column), pa.types.is_timestamp(column.type) and column.type.tz is not None)


def _numbers(column: pa.Array) -> np.ndarray:
    return np.asarray(column.cast(pa.int64()).to_numpy(zero_copy_only=False))
