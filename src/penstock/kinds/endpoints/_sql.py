"""SQL of endpoints: statements taken apart, `?` as the driver writes it, names quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|\?|;|[^'\"`\-/$?;]+|.",
    re.DOTALL,
)
"""Quoted texts and names, comments, dollar quotes, a marker, the end of a statement; anything else."""


def statements(sql: str) -> list[str]:
    """The statements of a text, without those that say nothing."""
    found: list[list[str]] = [[]]
    for token in _tokens(sql):
        if token == ";":
            found.append([])
        else:
            found[-1].append(token)
    return ["".join(tokens).strip() for tokens in found if _says(tokens)]


def markers(statement: str) -> int:
    """How many values a statement is given."""
    return sum(token == "?" for token in _tokens(statement))


def spelled(statement: str, marker: str) -> str:
    """The statement with each `?` as the driver writes it; `%` is doubled where that is special."""
    if marker == "?":
        return statement
    return "".join(marker if token == "?" else token.replace("%", "%%") for token in _tokens(statement))


def quoted(name: str, quote: str) -> str:
    """A name of a table or column."""
    return f"{quote}{name.replace(quote, quote * 2)}{quote}"


def _tokens(sql: str) -> Iterator[str]:
    return (found[0] for found in _TOKEN.finditer(sql))


def _says(tokens: list[str]) -> bool:
    return any(not token.isspace() and not token.startswith(("--", "/*")) for token in tokens)
