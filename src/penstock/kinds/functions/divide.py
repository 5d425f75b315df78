"""a / b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Divide(Function):
    """Divides the first number by the second, `a / b`; null when that is 0.

    Example:
        type: divide
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("7 / 2", 3.5),
        ("6 / 3", 2.0),
        ("1 / 0", None),
    )

    def call(self, left: Any, right: Any) -> Any:
        a, b = _values.number(left), _values.number(right)
        return None if a is None or b is None else a / b if b else None

    def translate(self, left: Any, right: Any) -> Any:
        a, b = _columns.number(left), _columns.number(right)
        return a.cast("float64") / b.cast("float64").nullif(0.0)
