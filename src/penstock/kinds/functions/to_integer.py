"""toInteger('7.9') is 7"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class ToInteger(Function):
    """The value as a whole number, decimals cut off; null when it is no number.

    Example:
        type: to_integer
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("to_int",)
    REPEATS: ClassVar[int] = 4
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("toInteger('7.9')", 7),
        ("toInteger(-7.9)", -7),
        ("toInteger('x')", None),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None or abs(a) >= 2**63 else int(a)

    def translate(self, value: Any) -> Any:
        return _columns.whole(value)
