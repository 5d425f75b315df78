"""A clock that stands still until it is told how much time passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from penstock.store.clock import SystemClock


class Held(SystemClock):
    """Begins at noon on the first of March 2026."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def passes(self, time: timedelta) -> None:
        self._now += time
