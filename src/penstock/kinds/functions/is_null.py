"""isNull(a), or a == null"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function


class IsNull(Function):
    """true when there is no value.

    Example:
        type: is_null
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("isNull(null)", True),
        ("isNull('')", False),
        ("1 == null", False),
        ("1 != null", True),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, value: Any) -> Any:
        return value is None

    def translate(self, value: Any) -> Any:
        return value.isnull()
