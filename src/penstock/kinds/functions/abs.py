"""abs(-3) is 3"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Abs(Function):
    """The number without its sign.

    Example:
        type: abs
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("abs(-3)", 3),
        ("abs(-2.5)", 2.5),
        ("abs(null)", None),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None else abs(a)

    def translate(self, value: Any) -> Any:
        a = _columns.number(value)
        return a.abs()
