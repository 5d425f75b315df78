"""pow(2, 10) is 1024"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Pow(Function):
    """The first number to the power of the second; null when that is no real number or too large.

    Example:
        type: pow
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("power",)
    REPEATS: ClassVar[int] = 12
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("pow(2, 10)", 1024.0),
        ("pow(4, 0.5)", 2.0),
        ("pow(-1, 0.5)", None),
        ("pow(0, -1)", None),
        ("pow(10, 400)", None),
    )

    def call(self, value: Any, exponent: Any) -> Any:
        a, b = _values.number(value), _values.number(exponent)
        if a is None or b is None or (a == 0 and b < 0) or (a < 0 and b != math.floor(b)):
            return None
        try:
            return float(a) ** b
        except OverflowError:
            return None

    def translate(self, value: Any, exponent: Any) -> Any:
        a, b = _columns.number(value).cast("float64"), _columns.number(exponent).cast("float64")
        impossible = ((a == 0) & (b < 0)) | ((a < 0) & (b != b.floor()))
        return _columns.finite(_columns.when(~impossible, a) ** b)
