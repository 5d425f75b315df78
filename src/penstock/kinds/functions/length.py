"""length('abc') is 3"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Length(Function):
    """How many characters a text has, or how many elements a list.

    Example:
        type: length
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("len",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("length('abc')", 3),
        ("length('é')", 1),
        ("length([1, 2])", 2),
        ("length(12)", 2),
    )

    def call(self, value: Any) -> Any:
        return len(value) if isinstance(value, list) else len(str(_values.text(value)))

    def translate(self, value: Any) -> Any:
        measured = value if value.type().is_array() else _columns.text(value)
        return measured.length().cast("int64")
