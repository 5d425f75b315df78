"""forEach(list, x, x * 2)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns


class ForEach(Function):
    """The list with every element replaced by a formula over it: forEach(list, x, x * 2).

    Example:
        type: for_each
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("forEach([1, 2], x, x * 2)", [2, 4]),)
    BINDS: ClassVar[bool] = True

    def call(self, array: Any, change: Callable[[Any], Any]) -> Any:
        return [change(v) for v in array] if isinstance(array, list) else None

    def translate(self, array: Any, change: Callable[[Any], Any]) -> Any:
        return _columns.elements(array).map(change)
