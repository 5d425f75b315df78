"""Secrets that somebody typed into a project: found before they would travel. Pure.

It looks for what has the shape of a secret, and for a name that says so before a value that could be one. A line that
says `not a secret` in a comment is believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from penstock.core.errors import Refused

SHAPES: Mapping[str, re.Pattern[str]] = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"),
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{40,})\b"),
    "a token of GitLab": re.compile(r"\bglpat-[\w-]{20,}\b"),
    "a token of Slack": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    "an address with a password": re.compile(
        r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"]+:(?!secret:|\$\{|\{)[^\s/@'\"]{3,}@", re.IGNORECASE
    ),
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{10,}"),
}
NAMED = re.compile(
    r"""(?ix)["']?\b(?P<name>[\w-]*?(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|secret[_-]?key
    |auth[_-]?token|api[_-]?token|access[_-]?token|private[_-]?key))["']?\s*(?P<sign>[:=])\s*
    (?P<quote>["']?)(?P<value>[^\s"',\]})]{6,})(?P=quote)"""
)
HARMLESS = re.compile(r"(?i)^(?:secret:|\$\{|<|\{\{|\*+$|x{3,}|none$|null$|true$|false$|str$|string$|text$)")
BELIEVED = "not a secret"
MOST = 4 << 20
"""Bytes of a file that are looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something stands that looks like a secret. What it says is never repeated."""

    file: str
    line: int
    what: str


def findings(files: Mapping[str, bytes], mask: Callable[[str], str] | None = None) -> Iterator[Finding]:
    """Everything in some files that looks like a secret. `mask` takes out values that are sealed on this node."""
    for file, data in files.items():
        for number, line in enumerate(_lines(data), start=1):
            what = _seen(line, file, mask)
            if what:
                yield Finding(file, number, what)


def check(files: Mapping[str, bytes], mask: Callable[[str], str] | None = None) -> None:
    """Raise Refused, naming file and line of each secret, when there is one."""
    found = list(findings(files, mask))
    if found:
        told = "\n".join(f"  {f.file}:{f.line}: {f.what}" for f in found[:20])
        raise Refused(
            f"There is a secret in what would be bundled, so nothing was made.\n{told}",
            hint="Seal it (`penstock channel secret put NAME`) and write secret:NAME; where it is none, say "
            f"`{BELIEVED}` in a comment on its line.",
        )


def _lines(data: bytes) -> list[str]:
    if b"\0" in data[:8192]:
        return []
    return data[:MOST].decode("utf-8", errors="replace").splitlines()


def _seen(line: str, file: str, mask: Callable[[str], str] | None) -> str:
    if BELIEVED in line:
        return ""
    if mask is not None and mask(line) != line:
        return "a value that is sealed on this node"
    shape = next((what for what, pattern in SHAPES.items() if pattern.search(line)), "")
    return shape or next((f"{m['name']} has a value" for m in NAMED.finditer(line) if _is_value(m, file)), "")


def _is_value(found: re.Match[str], file: str) -> bool:
    """Whether what stands behind the name is the thing itself: a quoted text in code, any word with a digit in YAML."""
    value = found["value"]
    if HARMLESS.match(value):
        return False
    is_data = file.endswith((".yaml", ".yml", ".json", ".toml", ".ini", ".env", ".cfg", ".properties"))
    if not is_data:
        return bool(found["quote"]) and len(value) >= 6
    return len(value) >= 8 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
