"""a[0]"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Item(Function):
    """One element of a list by its number, or of an object by its name; null when there is none.

    Numbers count from 0, or backwards from -1.

    Example:
        type: item
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("[1, 2][0]", 1),
        ("[1, 2][5]", None),
        ("split('a,b', ',')[-1]", "b"),
    )

    def call(self, value: Any, index: Any) -> Any:
        if isinstance(value, dict):
            return value.get(_values.text(index))
        if isinstance(value, list) and type(index) in (int, float) and -len(value) <= index < len(value):
            return value[int(index)]
        return None

    def translate(self, value: Any, index: Any) -> Any:
        if value.type().is_json():
            where = _columns.fixed(index, "index")
            return value[where if isinstance(where, str) else int(where)]
        return value[index]
