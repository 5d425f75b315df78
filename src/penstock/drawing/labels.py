"""Labels: a name under a node, on two lines at most, broken where people would break it."""

from __future__ import annotations

import re

LETTER = 6.1
"""Pixels of a letter of 11.5 px, on average."""
LINE = 14
"""Pixels from one line to the next."""
WIDEST = 14
"""Letters of a line."""
END = 6
"""Letters kept after the … of a name too long for two lines."""


def lines(text: str, widest: int = WIDEST) -> tuple[str, ...]:
    """A text on one line or two of about one length, broken after _ - . and spaces or before a capital; what is too
    long keeps its end, which often tells it from others."""
    text = " ".join(text.split())
    if len(text) <= widest:
        return (text,)
    parts = _parts(text, widest)
    cuts = ("".join(parts[:n]) for n in range(1, len(parts)))
    whole = [(c.strip(), text[len(c) :].strip()) for c in cuts if max(len(c), len(text) - len(c)) <= widest]
    if whole:
        return min(whole, key=lambda two: max(map(len, two)))
    first = parts[0]
    for part in parts[1:]:
        if len(first + part) > widest:
            break
        first += part
    rest = text[len(first) :]
    return first.strip(), f"{rest[: widest - 1 - END].rstrip()}…{rest[-END:].lstrip()}"


def _parts(text: str, widest: int) -> list[str]:
    """Pieces that may begin a line, none longer than one."""
    pieces = re.split(r"(?<=[_\-.\s])(?=[^_\-.\s])|(?<=[a-z0-9])(?=[A-Z])", text)
    return [piece[n : n + widest] for piece in pieces for n in range(0, len(piece), widest)]


def width(text: str, size: float = 11.5) -> float:
    """About how wide a text is, in pixels."""
    return len(text) * LETTER * size / 11.5
