"""exp(0) is 1"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Exp(Function):
    """e to the power of the number; null when that is too large.

    Example:
        type: exp
    """

    REPEATS: ClassVar[int] = 2
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("exp(0)", 1.0),
        ("exp(1000)", None),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None else math.exp(a) if a < 709 else None

    def translate(self, value: Any) -> Any:
        a = _columns.number(value)
        return _columns.when(a < 709, a.cast("float64")).exp()
