"""inc(d, 1, 'month')"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _dates, _values


class Inc(Function):
    """A date so many units later, or earlier when the number is negative.

    Units: years, quarters, months, weeks, days (unless said), hours, minutes, seconds.

    Example:
        type: inc
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("date_add", "add_to_date")
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("inc('2013-01-31', 1, 'month')", datetime(2013, 2, 28)),
        ("inc('2013-01-31', -1)", datetime(2013, 1, 30)),
        ("inc('2013-01-31', 2, 'years')", datetime(2015, 1, 31)),
        ("inc('2013-01-31', 90, 'minutes')", datetime(2013, 1, 31, 1, 30)),
    )

    def check(self, value: Any, count: Any, unit: Any = None) -> None:
        if unit is not None:
            _dates.unit(unit)

    def call(self, value: Any, count: Any, unit: Any = "days") -> Any:
        moment, number, name = _values.moment(value), _values.number(count), _dates.unit(unit)
        if moment is None or number is None:
            return None
        try:
            return self._later(moment, int(number), name)
        except (OverflowError, ValueError):
            return None

    def _later(self, moment: datetime, number: int, name: str) -> datetime:
        if name in _dates.SECONDS:
            return moment + timedelta(seconds=number * _dates.SECONDS[name])
        months = moment.year * 12 + moment.month - 1 + number * _dates.MONTHS[name]
        year, month = months // 12, months % 12 + 1
        return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))

    def translate(self, value: Any, count: Any, unit: Any = None) -> Any:
        name = _dates.unit("days" if unit is None else _columns.fixed(unit, "unit"))
        number = _columns.whole(count)
        if name in _dates.SECONDS:
            return _columns.moment(value) + (number * _dates.SECONDS[name]).as_interval("s")
        return _columns.moment(value) + (number * _dates.MONTHS[name]).as_interval("M")
