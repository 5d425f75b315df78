"""!a"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Opposite(Function):
    """true for false and false for true, `!a`; null stays null.

    Example:
        type: opposite
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("!true", False),
        ("not 1 == 2", True),
        ("!(null)", None),
    )

    def call(self, value: Any) -> Any:
        a = _values.truth(value)
        return None if a is None else not a

    def translate(self, value: Any) -> Any:
        return ~_columns.truth(value)
