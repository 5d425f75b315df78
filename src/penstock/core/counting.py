"""Numbers of things in sentences."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 row`, `2,000 rows`; `plural` for a noun that does not just take an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
