"""week('2013-04-01')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Week(Function):
    """The ISO week of a date, 1 to 53.

    Example:
        type: week
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("week('2013-04-01')", 14),
        ("week('2012-12-31')", 1),
    )

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.isocalendar().week

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.week_of_year()).cast("int64")
