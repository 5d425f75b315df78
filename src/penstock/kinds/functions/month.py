"""month('2013-04-01')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Month(Function):
    """The month of a date, 1 to 12.

    Example:
        type: month
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("month('2013-04-01')", 4),)

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.month

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.month()).cast("int64")
