"""a % b"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Modulo(Function):
    """The rest of a division, `a % b`, with the sign of a; null when b is 0.

    Example:
        type: modulo
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("mod",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("7 % 3", 1),
        ("-7 % 3", -1),
        ("7.5 % 2", 1.5),
        ("7 % 0", None),
    )

    def call(self, left: Any, right: Any) -> Any:
        a, b = _values.number(left), _values.number(right)
        if a is None or b is None or b == 0:
            return None
        if isinstance(a, int) and isinstance(b, int):
            return a - b * (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)
        return math.fmod(a, b)

    def translate(self, left: Any, right: Any) -> Any:
        a, b = _columns.number(left), _columns.number(right)
        if a.type() != b.type():
            a, b = a.cast("float64"), b.cast("float64")
        return a % b.nullif(0)
