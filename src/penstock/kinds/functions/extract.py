"""extract('a12', '[0-9]+') is 12"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Extract(Function):
    """The part of a text that a regular expression finds, or one of its groups; null when it is not found.

    Example:
        type: extract
    """

    REPEATS: ClassVar[int] = 2
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("extract('a12', '\\d+')", "12"),
        ("extract('k=v', '(\\w)=(\\w)', 2)", "v"),
        ("extract('abc', '\\d')", None),
    )

    def check(self, text: Any, pattern: Any = None, *rest: Any) -> None:
        if pattern is not None:
            _values.pattern(pattern)

    def call(self, text: Any, pattern: Any, group: Any = 0) -> Any:
        found = _values.pattern(pattern).search(str(_values.text(text)))
        return found.group(int(group)) or "" if found else None

    def translate(self, text: Any, pattern: Any, group: Any = None) -> Any:
        whole = _columns.text(text)
        number = 0 if group is None else int(_columns.fixed(group, "group"))
        return _columns.when(whole.re_search(pattern), whole.re_extract(pattern, number))
