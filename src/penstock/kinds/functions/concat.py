"""concat('a', 1) is a1"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Concat(Function):
    """All values as one text; null counts as nothing.

    Example:
        type: concat
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("concat('a', 1, null, true)", "a1true"),)
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, *values: Any) -> Any:
        return "".join(_values.text(v) or "" for v in values)

    def translate(self, first: Any, *others: Any) -> Any:
        whole = _columns.text(first).coalesce("")
        for value in others:
            whole = whole + _columns.text(value).coalesce("")
        return whole
