"""substring('abcdef', 1, 3) is bc"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Substring(Function):
    """Part of a text, from one character (counted from 0) up to, not including, another.

    Example:
        type: substring
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("substr",)
    REPEATS: ClassVar[int] = 2
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("substring('abcdef', 1, 3)", "bc"),
        ("substring('abcdef', 4)", "ef"),
        ("substring('abc', 2, 1)", ""),
        ("substring('abc', 1, 99)", "bc"),
    )

    def call(self, text: Any, start: Any, end: Any = None) -> Any:
        whole, numbers = str(_values.text(text)), [_values.number(v) for v in (start, end) if v is not None]
        if None in numbers:
            return None
        first, *last = (max(int(n or 0), 0) for n in numbers)
        return whole[first : max(first, *last)] if last else whole[first:]

    def translate(self, text: Any, start: Any, end: Any = None) -> Any:
        import ibis

        whole, begin = _columns.text(text), _columns.whole(start)
        last = ibis.literal(2**31 - 1, type="int64") if end is None else _columns.whole(end)
        first = ibis.greatest(begin, 0)
        part = whole.substr(first, ibis.greatest(last - first, 0))
        return _columns.when(begin.notnull() & last.notnull(), part)
