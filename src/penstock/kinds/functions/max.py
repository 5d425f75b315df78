"""max(3, 1, 2) is 3"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Max(Function):
    """The largest of the values, nulls left out: of numbers, of dates, or of texts.

    Example:
        type: max
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("greatest",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("max(3, 1, 2)", 3),
        ("max(1, 2.5)", 2.5),
        ("max(null, 4)", 4),
        ("max('b', 'a')", "b"),
    )
    KEEPS_NULL: ClassVar[bool] = False

    def call(self, first: Any, *others: Any) -> Any:
        given = _values.same_type([v for v in (first, *others) if v is not None])
        return max(given) if given else None

    def translate(self, first: Any, *others: Any) -> Any:
        import ibis

        return ibis.greatest(*_columns.same_type([first, *others]))
