"""split('a,b', ',') is ['a', 'b']"""

from __future__ import annotations

from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns, _values


class Split(Function):
    """The parts of a text between separators, as a list.

    Example:
        type: split
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("split('a,b', ',')", ["a", "b"]),
        ("split('abc', ',')", ["abc"]),
    )

    def call(self, text: Any, separator: Any) -> Any:
        whole, sign = str(_values.text(text)), str(_values.text(separator))
        return whole.split(sign) if sign else [whole]

    def translate(self, text: Any, separator: Any) -> Any:
        import ibis

        sign = _columns.fixed(separator, "separator")
        return _columns.text(text).split(sign) if sign else ibis.array([_columns.text(text)])
