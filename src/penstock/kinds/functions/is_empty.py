"""isEmpty('') is true"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function


class IsEmpty(Function):
    """true when there is no value, or a text of no characters.

    Example:
        type: is_empty
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("isBlank", "is_blank")
    REPEATS: ClassVar[int] = 2
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("isBlank('')", True),
        ("isEmpty(' ')", False),
        ("isEmpty(null)", True),
        ("isEmpty(0)", False),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, value: Any) -> Any:
        return value is None or value == ""

    def translate(self, value: Any) -> Any:
        return value.isnull() | (value == "") if value.type().is_string() else value.isnull()
