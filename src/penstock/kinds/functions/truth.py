"""truth('true') is true"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Truth(Function):
    """The value as true or false: numbers other than 0 and the text true are true.

    Example:
        type: truth
    """

    ALIASES: ClassVar[tuple[str, ...]] = ("toBoolean", "to_boolean")
    REPEATS: ClassVar[int] = 2
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("truth('True')", True),
        ("truth(0)", False),
        ("truth('maybe')", None),
    )

    def call(self, value: Any) -> Any:
        return _values.truth(value)

    def translate(self, value: Any) -> Any:
        return _columns.truth(value)
