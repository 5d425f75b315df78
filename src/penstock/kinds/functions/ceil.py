"""ceil(1.2) is 2"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Ceil(Function):
    """The next whole number, upwards.

    Example:
        type: ceil
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("ceil(1.2)", 2),
        ("ceil(-1.2)", -1),
        ("ceil(3)", 3),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None or abs(a) >= _values.LIMIT else math.ceil(a)

    def translate(self, value: Any) -> Any:
        a = _columns.number(value)
        return _columns.fitting(a).ceil().cast("int64")
