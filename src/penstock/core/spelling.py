"""How the expression language writes things down: its signs and reserved words, names and quoted texts."""

from __future__ import annotations

import re

RESERVED = frozenset({"true", "false", "null", "and", "or", "not", "variables"})
SIGNS = {
    "||": ("either", 1), "or": ("either", 1), "&&": ("both", 2), "and": ("both", 2),
    "==": ("equal", 4), "!=": ("not_equal", 4), "<": ("less", 4), "<=": ("less_or_equal", 4),
    ">": ("greater", 4), ">=": ("greater_or_equal", 4),
    "+": ("add", 5), "-": ("subtract", 5), "*": ("multiply", 6), "/": ("divide", 6), "%": ("modulo", 6),
}  # fmt: skip
"""Sign → the function it stands for, and how tightly it binds."""

COMPARISON, UNARY, POSTFIX = 4, 7, 8
SIGN_OF = {name: (sign, strength) for sign, (name, strength) in reversed(SIGNS.items())}
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def is_identifier(name: str) -> bool:
    """Can this column be written without `val("…")`?"""
    return re.fullmatch(r"[A-Za-z_]\w*", name) is not None and name not in RESERVED


def quoted(text: str) -> str:
    """A text as the language writes it, in single quotes."""
    return "'" + "".join(_ESCAPES.get(c, c) for c in text) + "'"
