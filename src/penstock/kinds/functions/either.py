"""a || b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Either(Function):
    """One of them is true, `a || b`; true as soon as one is true, else null when one is null.

    Example:
        type: either
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("true || false", True),
        ("false or false", False),
        ("true || null", True),
        ("false || null", None),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, left: Any, right: Any) -> Any:
        a, b = _values.truth(left), _values.truth(right)
        if a is True or b is True:
            return True
        return None if a is None or b is None else False

    def translate(self, left: Any, right: Any) -> Any:
        return _columns.truth(left) | _columns.truth(right)
