"""min(3, 1, 2) is 1"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Min(Function):
    """The smallest of the values, nulls left out: of numbers, of dates, or of texts.

    Example:
        type: min
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("least",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("min(3, 1, 2)", 1),
        ("min(1, 2.5)", 1.0),
        ("min(null, 4)", 4),
        ("min('b', 'a')", "a"),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, first: Any, *others: Any) -> Any:
        given = _values.same_type([v for v in (first, *others) if v is not None])
        return min(given) if given else None

    def translate(self, first: Any, *others: Any) -> Any:
        import ibis

        return ibis.least(*_columns.same_type([first, *others]))
