"""startsWith('abc', 'ab')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class StartsWith(Function):
    """true when the text begins with another.

    Example:
        type: starts_with
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("startsWith('abc', 'ab')", True),
        ("startsWith('abc', 'b')", False),
    )

    def call(self, text: Any, part: Any) -> Any:
        return str(_values.text(text)).startswith(str(_values.text(part)))

    def translate(self, text: Any, part: Any) -> Any:
        return _columns.text(text).startswith(_columns.text(part))
