"""reverse('abc') is cba"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Reverse(Function):
    """The text backwards.

    Example:
        type: reverse
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("reverse('abc')", "cba"),)

    def call(self, text: Any) -> Any:
        return str(_values.text(text))[::-1]

    def translate(self, text: Any) -> Any:
        return _columns.text(text).reverse()
