"""indexOf('abc', 'b') is 1"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class IndexOf(Function):
    """Where a text first occurs in another, counted from 0; -1 when it does not.

    Example:
        type: index_of
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("indexOf('abc', 'c')", 2),
        ("indexOf('abc', 'x')", -1),
    )

    def call(self, text: Any, part: Any) -> Any:
        return str(_values.text(text)).find(str(_values.text(part)))

    def translate(self, text: Any, part: Any) -> Any:
        return _columns.text(text).find(_columns.text(part)).cast("int64")
