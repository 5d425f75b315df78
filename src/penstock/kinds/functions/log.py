"""log(100, 10) is 2"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Log(Function):
    """The logarithm, natural or to another base; null for a number that is not above 0.

    Example:
        type: log
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("ln",)
    REPEATS: ClassVar[int] = 2
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("log(1)", 0.0),
        ("round(log(100, 10), 9)", 2.0),
        ("log(0)", None),
        ("log(5, 1)", None),
    )

    def call(self, value: Any, base: Any = math.e) -> Any:
        a, b = _values.number(value), _values.number(base)
        if a is None or b is None or a <= 0 or b <= 0 or b == 1:
            return None
        return math.log(a) if base == math.e else math.log(a) / math.log(b)

    def translate(self, value: Any, base: Any = None) -> Any:
        logarithm = _ln(_columns.number(value))
        return logarithm if base is None else logarithm / _ln(_columns.number(base)).nullif(0.0)


def _ln(value: Any) -> Any:
    return _columns.when(value > 0, value.cast("float64")).ln()
