"""floor(1.8) is 1"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Floor(Function):
    """The next whole number, downwards.

    Example:
        type: floor
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("floor(1.8)", 1),
        ("floor(-1.2)", -2),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None or abs(a) >= _values.LIMIT else math.floor(a)

    def translate(self, value: Any) -> Any:
        a = _columns.number(value)
        return _columns.fitting(a).floor().cast("int64")
