"""round(2.345, 2) is 2.35"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Round(Function):
    """The number rounded to so many decimals (0 unless said); halves go away from zero.

    Example:
        type: round
    """

    REPEATS: ClassVar[int] = 3
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(2.346, 2)", 2.35),
        ("round(1234, -2)", 1200),
        ("round(7)", 7),
    )

    def call(self, value: Any, decimals: Any = 0) -> Any:
        a, places = _values.number(value), _values.number(decimals)
        if a is None or places is None or (isinstance(a, int) and places >= 0):
            return a
        factor = 10.0 ** int(places)
        if not abs(a) < _values.LIMIT / factor:
            return a if places > 0 else None
        rounded = math.copysign(math.floor(abs(a) * factor + 0.5) / factor, a)
        return int(rounded) if places <= 0 else rounded

    def translate(self, value: Any, decimals: Any = None) -> Any:
        import ibis

        a, places = (
            _columns.number(value),
            0 if decimals is None else int(_columns.fixed(decimals, "decimals")),
        )
        if a.type().is_integer() and places >= 0:
            return a
        factor = 10.0**places
        near = _columns.when(a.abs() < _values.LIMIT / factor, a.abs())
        size = ibis.coalesce((near * factor + 0.5).floor().cast("float64") / factor, a.abs().cast("float64"))
        rounded = (a < 0).ifelse(-size, size)
        return _columns.fitting(rounded).cast("int64") if places <= 0 else rounded
