"""trim(' a ') is a"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Trim(Function):
    """The text without blanks at its two ends.

    Example:
        type: trim
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("strip",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("trim('  a b ')", "a b"),)

    def call(self, text: Any) -> Any:
        return str(_values.text(text)).strip(" \t\n\r\x0b\x0c")

    def translate(self, text: Any) -> Any:
        return _columns.text(text).strip()
