"""join(['a', 'b'], '-') is a-b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Join(Function):
    """The elements of a list as one text, with a separator between them.

    Example:
        type: join
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("join(['a', 'b'], '-')", "a-b"),
        ("join([1, 2], ', ')", "1, 2"),
    )

    def call(self, array: Any, separator: Any) -> Any:
        words = [_values.text(v) for v in array] if isinstance(array, list) else []
        return str(separator).join(w for w in words if w is not None) if isinstance(array, list) else None

    def translate(self, array: Any, separator: Any) -> Any:
        words = array if array.type().value_type.is_string() else array.map(_columns.text)
        return words.join(_columns.text(separator))
