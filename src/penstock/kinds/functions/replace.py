"""replace('a-b', '-', '+') is a+b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Replace(Function):
    """The text with every occurrence of one text replaced by another.

    Example:
        type: replace
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("replace('a-b-c', '-', '+')", "a+b+c"),
        ("replace('abc', '', 'x')", "abc"),
    )

    def call(self, text: Any, old: Any, new: Any) -> Any:
        whole, sought = str(_values.text(text)), str(_values.text(old))
        return whole.replace(sought, str(_values.text(new))) if sought else whole

    def translate(self, text: Any, old: Any, new: Any) -> Any:
        whole, sought = _columns.text(text), _columns.text(old)
        replaced = whole.replace(sought, _columns.text(new))
        if hasattr(sought.op(), "value"):
            return replaced if sought.op().value else whole
        return (sought == "").ifelse(whole, replaced)
