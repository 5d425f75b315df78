"""diff('2013-04-03', '2013-04-01', 'days') is 2"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _dates, _values


class Diff(Function):
    """How many whole units lie between two dates: positive when the first is later.

    Example:
        type: diff
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("date_diff",)
    REPEATS: ClassVar[int] = 8
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("diff('2013-04-03', '2013-04-01')", 2),
        ("diff('2013-04-01', '2013-04-03', 'days')", -2),
        ("diff('2013-04-03T10:00:00', '2013-04-01T11:00:00', 'days')", 1),
        ("diff('2013-03-31', '2013-02-28', 'months')", 1),
        ("diff('2013-03-01', '2013-01-31', 'months')", 1),
        ("diff('2015-01-01', '2013-06-01', 'years')", 1),
        ("diff('2013-04-01T01:30:00', '2013-04-01', 'minutes')", 90),
        ("diff('x', '2013-04-01')", None),
    )

    def check(self, later: Any, earlier: Any, unit: Any = None) -> None:
        if unit is not None:
            _dates.unit(unit)

    def call(self, later: Any, earlier: Any, unit: Any = "days") -> Any:
        a, b, name = _values.moment(later), _values.moment(earlier), _dates.unit(unit)
        if a is None or b is None:
            return None
        if name in _dates.SECONDS:
            seconds = (a.replace(microsecond=0) - b.replace(microsecond=0)).total_seconds()
            return int(seconds / _dates.SECONDS[name])
        months = a.year * 12 + a.month - b.year * 12 - b.month
        short, long = (a, b) if months >= 0 else (b, a)
        rest_short, rest_long = (
            (m.day * 86400 + m.hour * 3600 + m.minute * 60 + m.second) for m in (short, long)
        )
        whole = abs(months) - (1 if months and rest_short < rest_long else 0)
        return whole // _dates.MONTHS[name] * (1 if months >= 0 else -1)

    def translate(self, later: Any, earlier: Any, unit: Any = None) -> Any:
        name = _dates.unit("days" if unit is None else _columns.fixed(unit, "unit"))
        a, b = (_columns.moment(v).truncate("s") for v in (later, earlier))  # seconds are cut, never rounded
        if name in _dates.SECONDS:
            return _cut(
                a.epoch_seconds().cast("int64") - b.epoch_seconds().cast("int64"), _dates.SECONDS[name]
            )
        months = (a.year() * 12 + a.month() - b.year() * 12 - b.month()).cast("int64")
        unfinished = ((months > 0) & (_rest(a) < _rest(b))) | ((months < 0) & (_rest(b) < _rest(a)))
        whole = months.abs() - unfinished.cast("int64")
        return _cut((months < 0).ifelse(-whole, whole), _dates.MONTHS[name])


def _rest(moment: Any) -> Any:
    """Seconds since the first of the month, and a day."""
    day, hour = moment.day().cast("int64"), moment.hour().cast("int64")
    return day * 86400 + hour * 3600 + moment.minute().cast("int64") * 60 + moment.second().cast("int64")


def _cut(number: Any, size: int) -> Any:
    """Divided and cut towards zero."""
    whole = (number.abs() / size).floor().cast("int64")
    return (number < 0).ifelse(-whole, whole)
