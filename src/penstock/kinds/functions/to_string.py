"""toString(1.5) is 1.5 as text"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class ToString(Function):
    """The value as text.

    Example:
        type: to_string
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("to_text",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("toString(5)", "5"),
        ("toString(1.5)", "1.5"),
        ("toString(true)", "true"),
        ("toString(asDate('2013-04-01'))", "2013-04-01 00:00:00"),
    )

    def call(self, value: Any) -> Any:
        return _values.text(value)

    def translate(self, value: Any) -> Any:
        return _columns.text(value)
