"""year('2013-04-01')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Year(Function):
    """The year of a date, such as 2013.

    Example:
        type: year
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("year('2013-04-01')", 2013),)

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.year

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.year()).cast("int64")
