"""a && b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Both(Function):
    """Both are true, `a && b`; false as soon as one is false, else null when one is null.

    Example:
        type: both
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("true && true", True),
        ("true and false", False),
        ("false && null", False),
        ("true && null", None),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, left: Any, right: Any) -> Any:
        a, b = _values.truth(left), _values.truth(right)
        if a is False or b is False:
            return False
        return None if a is None or b is None else True

    def translate(self, left: Any, right: Any) -> Any:
        return _columns.truth(left) & _columns.truth(right)
