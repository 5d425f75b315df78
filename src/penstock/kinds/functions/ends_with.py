"""endsWith('abc', 'bc')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class EndsWith(Function):
    """true when the text ends with another.

    Example:
        type: ends_with
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("endsWith('abc', 'bc')", True),
        ("endsWith('abc', 'b')", False),
    )

    def call(self, text: Any, part: Any) -> Any:
        return str(_values.text(text)).endswith(str(_values.text(part)))

    def translate(self, text: Any, part: Any) -> Any:
        return _columns.text(text).endswith(_columns.text(part))
