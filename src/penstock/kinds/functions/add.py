"""a + b"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Add(Function):
    """Adds two numbers, `a + b`; with a text on either side it joins the two as texts.

    Example:
        type: add
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("1 + 2", 3),
        ("1 + 2.5", 3.5),
        ("'a' + 1", "a1"),
        ("1 + null", None),
        ("true + 1", 2),
    )

    def call(self, left: Any, right: Any) -> Any:
        if isinstance(left, str) or isinstance(right, str):
            return f"{_values.text(left)}{_values.text(right)}"
        a, b = _values.number(left), _values.number(right)
        return None if a is None or b is None else a + b

    def translate(self, left: Any, right: Any) -> Any:
        if left.type().is_string() or right.type().is_string():
            return _columns.text(left) + _columns.text(right)
        return _columns.number(left) + _columns.number(right)
