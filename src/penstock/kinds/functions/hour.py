"""hour('2013-04-01T13:05:09')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Hour(Function):
    """The hour of an instant, 0 to 23.

    Example:
        type: hour
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("hour('2013-04-01T13:05:09')", 13),)

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.hour

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.hour()).cast("int64")
