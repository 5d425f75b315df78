"""upper('abc') is ABC"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Upper(Function):
    """The text in capitals.

    Example:
        type: upper
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("to_uppercase", "toupper")
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("upper('abc')", "ABC"),)

    def call(self, text: Any) -> Any:
        return str(_values.text(text)).upper()

    def translate(self, text: Any) -> Any:
        return _columns.text(text).upper()
