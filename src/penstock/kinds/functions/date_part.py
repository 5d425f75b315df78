"""datePart(d, 'year')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.errors import InvalidExpression, did_you_mean
from penstock.core.expression import function
from penstock.core.prepare import Function
from penstock.kinds.functions import _columns


class DatePart(Function):
    """One part of a date by its name.

    Parts: year, quarter, month, week, day, day_of_year, weekday, hour, minute, second.

    Example:
        type: date_part
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("datePart('2013-04-01', 'month')", 4),
        ("datePart('2013-04-01', 'weekday')", 1),
    )

    def check(self, value: Any, part: Any) -> None:
        if part is not None:
            _known(part)

    def call(self, value: Any, part: Any) -> Any:
        return function(_known(part)).answer(value)

    def translate(self, value: Any, part: Any) -> Any:
        return function(_known(_columns.fixed(part, "part"))).translate(value)


_PARTS = ("year", "quarter", "month", "week", "day", "day_of_year", "weekday", "hour", "minute", "second")


def _known(part: Any) -> str:
    if part not in _PARTS:
        raise InvalidExpression(f"There is no part '{part}' of a date.{did_you_mean(str(part), _PARTS)}")
    return str(part)
