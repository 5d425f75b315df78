"""constant(5) is 5"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function


class Constant(Function):
    """The value itself.

    Example:
        type: constant
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("constant(5)", 5),
        ("'it\\'s'", "it's"),
        ("null", None),
        ("3000000000", 3000000000),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, value: Any) -> Any:
        return value

    def translate(self, value: Any) -> Any:
        """An Ibis literal of a plain value: whole numbers as int64, so that nothing overflows."""
        import ibis

        if not isinstance(value, None | bool | int | float | str):
            return value
        types = {bool: "boolean", int: "int64", float: "float64", str: "string"}
        return ibis.null() if value is None else ibis.literal(value, type=types[type(value)])
