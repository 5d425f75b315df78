"""replaceRegex('a1', '\\d', '#') is a#"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class ReplaceRegex(Function):
    """The text with every match of a regular expression replaced; \\1 stands for the first group.

    Example:
        type: replace_regex
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("replaceRegex('a1b22', '\\d+', '#')", "a#b#"),
        ("replaceRegex('ab', '(a)(b)', '\\\\2\\\\1')", "ba"),
    )

    def check(self, text: Any, pattern: Any = None, *rest: Any) -> None:
        if pattern is not None:
            _values.pattern(pattern)

    def call(self, text: Any, pattern: Any, new: Any) -> Any:
        return _values.pattern(pattern).sub(str(_values.text(new)), str(_values.text(text)))

    def translate(self, text: Any, pattern: Any, new: Any) -> Any:
        return _columns.text(text).re_replace(pattern, _columns.text(new))
