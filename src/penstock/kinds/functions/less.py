"""a < b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Less(Function):
    """The first is smaller, `a < b`. Null when either is null.

    Example:
        type: less
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("1 < 2", True),
        ("'a' < 'b'", True),
        ("'10' < 9", False),
    )

    def call(self, left: Any, right: Any) -> Any:
        a, b = _values.alike(left, right)
        return None if a is None or b is None else a < b

    def translate(self, left: Any, right: Any) -> Any:
        a, b = _columns.alike(left, right)
        return a < b
