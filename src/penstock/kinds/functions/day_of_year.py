"""dayOfYear('2013-02-01')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class DayOfYear(Function):
    """The day of the year of a date, 1 to 366.

    Example:
        type: day_of_year
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("dayOfYear('2013-02-01')", 32),)

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.timetuple().tm_yday

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.day_of_year()).cast("int64")
