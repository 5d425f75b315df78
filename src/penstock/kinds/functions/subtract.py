"""a - b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Subtract(Function):
    """Subtracts the second number from the first, `a - b`.

    Example:
        type: subtract
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("5 - 3", 2),
        ("'5' - 3", 2.0),
        ("'x' - 3", None),
    )

    def call(self, left: Any, right: Any) -> Any:
        a, b = _values.number(left), _values.number(right)
        return None if a is None or b is None else a - b

    def translate(self, left: Any, right: Any) -> Any:
        a, b = _columns.number(left), _columns.number(right)
        return a - b
