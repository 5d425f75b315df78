"""[1, 2, 3]"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Array(Function):
    """The values as a list, `[a, b]`.

    Example:
        type: array
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("[1, 2]", [1, 2]),
        ("['a', 'b']", ["a", "b"]),
        ("[1, 2.5]", [1.0, 2.5]),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, *values: Any) -> Any:
        return _values.same_type(list(values))

    def translate(self, *values: Any) -> Any:
        import ibis

        return ibis.array(_columns.same_type(list(values)))
