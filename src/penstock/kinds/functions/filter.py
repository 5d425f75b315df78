"""filter(list, x, x > 1)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns


class Filter(Function):
    """The elements of a list for which a condition is true: filter(list, x, x > 1).

    Example:
        type: filter
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("filter([1, 2, 3], x, x > 1)", [2, 3]),
        ('filter(parseJson(\'[{"n": 1}, {"n": 2}]\'), x, x.n == 2)[0].n == 2', True),
    )
    BINDS: ClassVar[bool] = True

    def call(self, array: Any, keeps: Callable[[Any], Any]) -> Any:
        return [v for v in array if keeps(v) is True] if isinstance(array, list) else None

    def translate(self, array: Any, keeps: Callable[[Any], Any]) -> Any:
        return _columns.elements(array).filter(keeps)
