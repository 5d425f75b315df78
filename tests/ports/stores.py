"""Which adapters keep run-time state; PostgreSQL joins by one line here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from penstock.store.database import Database

DATABASES: dict[str, Callable[[Path], Database]] = {"sqlite": Database}

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(milliseconds: int) -> datetime:
    return NOON + timedelta(milliseconds=milliseconds)
