"""weekday('2013-04-01')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Weekday(Function):
    """The day of the week of a date: 1 is Monday, 7 is Sunday.

    Example:
        type: weekday
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("weekday('2013-04-01')", 1),
        ("weekday('2013-04-07')", 7),
    )

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.isoweekday()

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.day_of_week.index() + 1).cast("int64")
