"""Words of an address, as the use cases take them."""

from __future__ import annotations


def number(word: str) -> int:
    """The number that a word of an address names; one that nothing has for what is no number."""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 18 else -1
