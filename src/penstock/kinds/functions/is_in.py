"""isIn(x, 'a', 'b')"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class IsIn(Function):
    """true when the first value equals one of the others.

    Example:
        type: is_in
    """

    KEEPS_NULL: ClassVar[bool] = False
    ALIASES: ClassVar[tuple[str, ...]] = ("in_list", "one_of")
    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("isIn(2, 1, 2, 3)", True),
        ("isIn('a', 'b', 'c')", False),
        ("isIn('2', 1, 2)", True),
    )

    def call(self, value: Any, *among: Any) -> Any:
        if value is None:
            return None
        pairs = [_values.alike(value, other) for other in among if other is not None]
        return any(a is not None and a == b for a, b in pairs)

    def translate(self, value: Any, *among: Any) -> Any:
        import ibis

        pairs = [_columns.alike(value, other) for other in among]
        plain = all(a.type() == value.type() for a, _ in pairs)
        found = value.isin([b for _, b in pairs]) if plain else ibis.or_(*(a == b for a, b in pairs))
        return _columns.when(value.notnull(), found.coalesce(False))
