"""What a chart groups by, as a column of a query: values, bins of numbers, parts of dates; and how it is labelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.tile import number

if TYPE_CHECKING:
    from penstock.core.chart import Dimension

NONE = "no value"
OTHERS = "others"
CUT = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D", "hour": "h"}
FORMATS = {
    "year": "%Y", "quarter": "Q%q %Y", "month": "%b %Y", "week": "%d %b %Y", "day": "%d %b %Y", "hour": "%d %b %H:%M",
}  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Ask = Callable[[Any], Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Key:
    """One dimension of a query."""

    expression: Any
    """An Ibis value; the same for all rows of a group."""
    sort: str
    """text, number or time: what its axis shows."""
    label: Callable[[Any], Any] = field(default=str)
    """A value of the query as the plot has it."""
    width: float = 0.0
    """Of a bin; 0 when it is none."""
    format: str = ""
    can_overflow: bool = False
    """Whether its rarer values may be put together as `others`."""


def key(table: Any, dimension: Dimension, ask: Ask, *, continuous: bool) -> Key:
    """The dimension over the table. `continuous`: numbers are a scale rather than labels."""
    column = column_of(table, dimension.column)
    kind = column.type()
    if kind.is_temporal():
        return _of_dates(column, dimension)
    if dimension.part:
        raise Invalid(f"'{dimension.column}' is no date, so it has no {dimension.part}.")
    if kind.is_numeric() and dimension.bins != "none":
        return _binned(table, column, dimension, ask)
    if dimension.bins != "none":
        raise Invalid(f"'{dimension.column}' is no number, so it has no bins.")
    if kind.is_numeric() and not kind.is_boolean():
        return _of_numbers(column, continuous)
    return Key(column.cast("string").fill_null(NONE), "text", str, can_overflow=True)


def column_of(table: Any, name: str) -> Any:
    """A column of the table. Raises ColumnMissing with the nearest."""
    if name not in table.columns:
        raise ColumnMissing(name, dataset="the data of this chart", near=table.columns)
    return table[name]


def _of_numbers(column: Any, continuous: bool) -> Key:
    if continuous:
        return Key(column, "number", float)
    return Key(column, "text", lambda v: NONE if v is None else _plain(v), can_overflow=True)


def _plain(value: Any) -> str:
    return number(float(value)).replace(",", "") if float(value).is_integer() else number(float(value))


def _of_dates(column: Any, dimension: Dimension) -> Key:
    part = dimension.part
    if part in CUT:
        cut = column if column.type().is_timestamp() else column.cast("timestamp")
        return Key(cut.truncate(CUT[part]), "time", _iso, format=FORMATS[part])
    cyclic: dict[str, tuple[Callable[[], Any], Callable[[Any], str]]] = {
        "quarter of year": (lambda: column.quarter(), lambda v: f"Q{v}"),
        "month of year": (lambda: column.month(), lambda v: MONTHS[v - 1]),
        "day of month": (lambda: column.day(), str),
        "day of week": (lambda: column.day_of_week.index(), lambda v: DAYS[v]),
        "hour of day": (lambda: column.hour(), lambda v: f"{v}:00"),
    }
    if part:
        expression, label = cyclic[part]
        return Key(expression(), "text", lambda v: NONE if v is None else label(int(v)))
    return Key(column, "time", _iso)


def _iso(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date | datetime) else None


def _binned(table: Any, column: Any, dimension: Dimension, ask: Ask) -> Key:
    if dimension.bins == "quantiles":
        return _quantiles(table, column, dimension, ask)
    low, width = 0.0, dimension.bin_size
    if dimension.bins == "number":
        found = ask(table.aggregate(low=column.min().cast("float64"), high=column.max().cast("float64")))[0]
        if found["low"] is None:
            return Key(column.cast("float64"), "number", float, width=1.0)
        low = found["low"]
        width = (found["high"] - low) / dimension.bin_count or 1.0
    position = ((column.cast("float64") - low) / width).floor()
    if dimension.bins == "number":
        position = position.clip(upper=dimension.bin_count - 1)
    return Key(position, "number", lambda v: low + float(v) * width, width=width)


def _quantiles(table: Any, column: Any, dimension: Dimension, ask: Ask) -> Key:
    import ibis

    shares = [n / dimension.bin_count for n in range(1, dimension.bin_count)]
    asked = {f"q{n}": column.cast("float64").quantile(share) for n, share in enumerate(shares)}
    asked |= {"low": column.min().cast("float64"), "high": column.max().cast("float64")}
    found = ask(table.aggregate(**asked))[0]
    cuts = sorted({found[f"q{n}"] for n in range(len(shares)) if found[f"q{n}"] is not None})
    ends = [found["low"], *cuts, found["high"]]
    branches = [(column <= cut, n) for n, cut in enumerate(cuts)]
    position = ibis.cases(*branches, else_=len(cuts)) if branches else ibis.literal(0)
    known = ibis.ifelse(column.isnull(), ibis.null(position.type()), position)

    def label(place: Any) -> str:
        if place is None:
            return NONE
        return f"{number(ends[int(place)])} – {number(ends[int(place) + 1])}"

    return Key(known, "text", label)
