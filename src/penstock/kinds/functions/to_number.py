"""toNumber('1.5') is 1.5"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class ToNumber(Function):
    """The value as a decimal number; null when it is none.

    Example:
        type: to_number
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("toNumber('1.5')", 1.5),
        ("toNumber(' 7 ')", 7.0),
        ("toNumber('1e3')", 1000.0),
        ("toNumber('abc')", None),
        ("toNumber(true)", 1.0),
    )

    def call(self, value: Any) -> Any:
        a = _values.number(value)
        return None if a is None else float(a)

    def translate(self, value: Any) -> Any:
        return _columns.number(value).cast("float64")
