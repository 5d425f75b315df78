"""sqrt(9) is 3"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Sqrt(Function):
    """The square root; null for a negative number.

    Example:
        type: sqrt
    """

    REPEATS: ClassVar[int] = 2
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("sqrt(9)", 3.0),
        ("sqrt(-1)", None),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None else math.sqrt(a) if a >= 0 else None

    def translate(self, value: Any) -> Any:
        a = _columns.number(value)
        return _columns.when(a >= 0, a.cast("float64")).sqrt()
