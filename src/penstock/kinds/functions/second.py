"""second('2013-04-01T13:05:09')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Second(Function):
    """The second of an instant, 0 to 59.

    Example:
        type: second
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("second('2013-04-01T13:05:09')", 9),
        ("second('x')", None),
    )

    def call(self, value: Any) -> Any:
        moment = _values.moment(value)
        return None if moment is None else moment.second

    def translate(self, value: Any) -> Any:
        moment = _columns.moment(value)
        return (moment.second()).cast("int64")
