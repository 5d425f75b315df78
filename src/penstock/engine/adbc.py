"""ADBC's driver of PostgreSQL: many rows by COPY, as Arrow."""

from __future__ import annotations

from typing import Any

from penstock.core.errors import NotReady


def adbc() -> Any:
    """Its DB-API. Raises NotReady naming the extra that brings it."""
    try:
        import adbc_driver_postgresql.dbapi as found
    except ImportError as error:
        raise NotReady(
            "The driver adbc_driver_postgresql is not installed.",
            hint="Install it: pip install 'penstock[postgres]'",
        ) from error
    return found
