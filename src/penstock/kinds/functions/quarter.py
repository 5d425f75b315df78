"""quarter('2013-04-01')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Quarter(Function):
    """The quarter of a date, 1 to 4.

    Example:
        type: quarter
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("quarter('2013-04-01')", 2),)

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else (moment.month + 2) // 3

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.quarter()).cast("int64")
