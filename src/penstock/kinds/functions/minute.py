"""minute('2013-04-01T13:05:09')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Minute(Function):
    """The minute of an instant, 0 to 59.

    Example:
        type: minute
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("minute('2013-04-01T13:05:09')", 5),)

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.minute

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.minute()).cast("int64")
