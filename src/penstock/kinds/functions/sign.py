"""sign(-5) is -1"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Sign(Function):
    """-1, 0 or 1: whether the number is below, at or above zero.

    Example:
        type: sign
    """

    REPEATS: ClassVar[int] = 2
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("sign(-5)", -1),
        ("sign(0)", 0),
        ("sign(2.5)", 1),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None else (a > 0) - (a < 0)

    def translate(self, value: Any) -> Any:
        a = _columns.number(value)
        return (a > 0).cast("int64") - (a < 0).cast("int64")
