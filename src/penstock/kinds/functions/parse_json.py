"""parseJson(text).field"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from penstock.core.prepare import Function
from penstock.kinds.functions import _columns


class ParseJson(Function):
    """The value that a JSON text describes; null when it is not JSON.

    Example:
        type: parse_json
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("parseJson('{\"a\": [1, \"x\"]}').a[1] == 'x'", True),
        ("toNumber(parseJson('[1, 2]')[1])", 2.0),
    )

    def call(self, text: Any) -> Any:
        if not isinstance(text, str):
            return text
        try:
            return json.loads(text)
        except ValueError:
            return None

    def translate(self, text: Any) -> Any:
        return text if text.type().is_json() else _columns.text(text).try_cast("json")
