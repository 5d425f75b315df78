"""Time and chance of the real world: the Clock port."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime

_LETTERS = string.ascii_lowercase + string.digits


class SystemClock:
    """The computer's clock, in UTC, cut to milliseconds, and its source of random ids."""

    def now(self) -> datetime:
        instant = datetime.now(UTC)
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)

    def new_id(self, length: int = 12) -> str:
        return "".join(secrets.choice(_LETTERS) for _ in range(length))
