"""Cells that are moments: JSON has texts for them, the columns say which ones they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from penstock.runtime.datasets import Rows

READ: Mapping[str, Callable[[str], Any]] = {
    "date": date.fromisoformat, "datetime": datetime.fromisoformat, "datetime_tz": datetime.fromisoformat,
}  # fmt: skip
"""Storage type → what reads its text."""


def restored(found: Rows) -> Rows:
    """Rows with moments instead of their texts, as a program on the node's own machine gets them."""
    readers = {c.name: READ[c.type] for c in found.columns if c.type in READ}
    return replace(found, rows=tuple(_row(row, readers) for row in found.rows)) if readers else found


def _row(row: Mapping[str, Any], readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    return {
        name: readers[name](cell) if name in readers and isinstance(cell, str) else cell
        for name, cell in row.items()
    }
