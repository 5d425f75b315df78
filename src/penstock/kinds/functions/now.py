"""now()"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from penstock.core.prepare import Function


class Now(Function):
    """The current instant in UTC.

    Example:
        type: now
    """

    EXAMPLES: ClassVar[tuple[tuple[str, Any], ...]] = (("now() > '2020-01-01'", True),)

    def call(self) -> Any:
        moment = datetime.now(UTC).replace(tzinfo=None)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def translate(self) -> Any:
        import ibis

        return ibis.literal(self.call(), type="timestamp")
