"""a.name"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns


class Field(Function):
    """One field of an object by its name; null when there is none.

    Example:
        type: field
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("parseJson('{\"a\": 5}').a == 5", True),
        ("toString(parseJson('{\"a\": 5}').b)", None),
    )

    def call(self, value: Any, name: Any) -> Any:
        return value.get(name) if isinstance(value, dict) else None

    def translate(self, value: Any, name: Any) -> Any:
        word = _columns.fixed(name, "name of a field")
        if value.type().is_struct() and word not in value.type().names:
            return _columns.nothing("string")
        return value[word]
