"""a == b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Equal(Function):
    """The two are equal, `a == b`. Null when either is null.

    Example:
        type: equal
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("1 == 1.0", True),
        ("'5' == 5", True),
        ("'a' == 'A'", False),
        ("1 == if(false, 1, null)", None),
    )

    def call(self, left: Any, right: Any) -> Any:
        a, b = _values.alike(left, right)
        return None if a is None or b is None else a == b

    def translate(self, left: Any, right: Any) -> Any:
        a, b = _columns.alike(left, right)
        return a == b
