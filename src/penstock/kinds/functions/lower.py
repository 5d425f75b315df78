"""lower('ABC') is abc"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Lower(Function):
    """The text in small letters.

    Example:
        type: lower
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("to_lowercase", "tolower")
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("lower('AbC')", "abc"),
        ("'ABC'.lower()", "abc"),
        ("lower(null)", None),
    )

    def call(self, text: Any) -> Any:
        return str(_values.text(text)).lower()

    def translate(self, text: Any) -> Any:
        return _columns.text(text).lower()
