"""padRight('7', 3, '.')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class PadRight(Function):
    """The text filled up on the right to a length.

    Example:
        type: pad_right
    """

    REPEATS: ClassVar[int] = 3
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("padRight('7', 3, '.')", "7.."),
        ("padRight('1234', 3)", "1234"),
    )

    def call(self, text: Any, size: Any, fill: Any = " ") -> Any:
        length = _values.number(size)
        return None if length is None else str(_values.text(text)).ljust(int(length), str(fill)[:1] or " ")

    def translate(self, text: Any, size: Any, fill: Any = None) -> Any:
        whole, sign = (
            _columns.text(text),
            " " if fill is None else str(_columns.fixed(fill, "filling"))[:1] or " ",
        )
        length = _columns.whole(size)
        return (whole.length() >= length).ifelse(whole, whole.rpad(length, sign))
