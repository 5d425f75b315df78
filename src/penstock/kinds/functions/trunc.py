"""trunc(d, 'month')"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _dates, _values


class Trunc(Function):
    """A date cut down to the start of its year, quarter, month, week (Monday), day, hour, minute or second.

    Example:
        type: trunc
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("truncate",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("trunc('2013-05-17T10:30:00', 'month')", datetime(2013, 5, 1)),
        ("trunc('2013-05-17T10:30:00')", datetime(2013, 5, 17)),
        ("trunc('2013-05-17', 'quarter')", datetime(2013, 4, 1)),
        ("trunc('2013-05-17', 'week')", datetime(2013, 5, 13)),
        ("trunc('2013-05-17T10:30:45', 'minutes')", datetime(2013, 5, 17, 10, 30)),
        ("trunc('2013-05-17', 'year')", datetime(2013, 1, 1)),
    )

    def check(self, value: Any, unit: Any = None) -> None:
        if unit is not None:
            _dates.unit(unit)

    def call(self, value: Any, unit: Any = "days") -> Any:
        moment, name = _values.moment(value), _dates.unit(unit)
        if moment is None:
            return None
        if name in _CLEARED:
            cleared: dict[str, Any] = dict.fromkeys(_CLEARED[name], 0)
            return moment.replace(**cleared)
        day = datetime(moment.year, moment.month, moment.day)
        if name == "weeks":
            return day - timedelta(days=day.weekday())
        first = {"years": 1, "quarters": (day.month - 1) // 3 * 3 + 1}.get(name, day.month)
        return day if name == "days" else datetime(day.year, first, 1)

    def translate(self, value: Any, unit: Any = None) -> Any:
        name = _dates.unit("days" if unit is None else _columns.fixed(unit, "unit"))
        return _columns.moment(value).truncate(_dates.UNITS[name])


_CLEARED = {
    "hours": ("minute", "second", "microsecond"),
    "minutes": ("second", "microsecond"),
    "seconds": ("microsecond",),
}
