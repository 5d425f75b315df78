"""a * b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Multiply(Function):
    """Multiplies two numbers, `a * b`.

    Example:
        type: multiply
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("4 * 3", 12),
        ("100 * 100", 10000),
        ("0.5 * 4", 2.0),
        ("2 * null", None),
    )

    def call(self, left: Any, right: Any) -> Any:
        a, b = _values.number(left), _values.number(right)
        return None if a is None or b is None else a * b

    def translate(self, left: Any, right: Any) -> Any:
        a, b = _columns.number(left), _columns.number(right)
        return a * b
