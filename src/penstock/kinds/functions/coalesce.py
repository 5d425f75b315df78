"""coalesce(a, b, 0)"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Coalesce(Function):
    """The first value that is not null.

    Example:
        type: coalesce
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("coalesce(null, 2, 3)", 2),
        ("coalesce(null, 'a')", "a"),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, *values: Any) -> Any:
        return next((v for v in _values.same_type(list(values)) if v is not None), None)

    def translate(self, *values: Any) -> Any:
        import ibis

        return ibis.coalesce(*_columns.same_type(list(values)))
