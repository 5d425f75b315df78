"""if(a > 1, b, c)"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class IfElse(Function):
    """The second value when the condition is true, else the third (null when it is not given).

    Example:
        type: if_else
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("if",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("if(1 < 2, 'a', 'b')", "a"),
        ("if(null, 'a', 'b')", "b"),
        ("if(false, 1)", None),
        ("ifElse(true, 1, null)", 1),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, condition: Any, then: Any, otherwise: Any = None) -> Any:
        first, second = _values.same_type([then, otherwise])
        return first if _values.truth(condition) else second

    def translate(self, condition: Any, then: Any, otherwise: Any = None) -> Any:
        if otherwise is None:
            return _columns.when(_columns.truth(condition), then)
        first, second = _columns.same_type([then, otherwise])
        return _columns.truth(condition).ifelse(first, second)
