"""day('2013-04-09')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Day(Function):
    """The day of the month of a date, 1 to 31.

    Example:
        type: day
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("day('2013-04-09')", 9),)

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.day

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.day()).cast("int64")
