"""matches('abc', '^a')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Matches(Function):
    """true when a regular expression is found anywhere in the text; ^ and $ bind it to the ends.

    Example:
        type: matches
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("match",)
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("matches('abc', '^a')", True),
        ("matches('abc', '^b')", False),
        ("matches('a1', '\\d')", True),
    )

    def check(self, text: Any, pattern: Any = None, *rest: Any) -> None:
        if pattern is not None:
            _values.pattern(pattern)

    def call(self, text: Any, pattern: Any) -> Any:
        return _values.pattern(pattern).search(str(_values.text(text))) is not None

    def translate(self, text: Any, pattern: Any) -> Any:
        return _columns.text(text).re_search(pattern)
