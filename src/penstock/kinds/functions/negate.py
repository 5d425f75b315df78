"""-a"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Negate(Function):
    """The number with the other sign, `-a`.

    Example:
        type: negate
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("-(2 + 3)", -5),
        ("-('2')", -2.0),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None else -a

    def translate(self, value: Any) -> Any:
        return -_columns.number(value)
