"""contains('abc', 'b')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Contains(Function):
    """true when a text has another inside it, or a list has an element.

    Example:
        type: contains
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("contains('abc', 'b')", True),
        ("contains('abc', 'B')", False),
        ("contains([1, 2], 2)", True),
        ("'abc'.contains('c')", True),
    )

    def call(self, whole: Any, part: Any) -> Any:
        if isinstance(whole, list):
            return any(_values.alike(v, part)[0] == _values.alike(v, part)[1] for v in whole if v is not None)
        return str(_values.text(part)) in str(_values.text(whole))

    def translate(self, whole: Any, part: Any) -> Any:
        if whole.type().is_array():
            return whole.contains(part)
        return _columns.text(whole).contains(_columns.text(part))
