"""capitalize('aBC') is Abc"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Capitalize(Function):
    """The text with a capital first and small letters after it.

    Example:
        type: capitalize
    """

    REPEATS: ClassVar[int] = 4
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("capitalize('aBC')", "Abc"),
        ("capitalize('')", ""),
    )

    def call(self, text: Any) -> Any:
        return str(_values.text(text)).capitalize()

    def translate(self, text: Any) -> Any:
        return _columns.text(text).capitalize()
