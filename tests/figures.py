"""Promised figures, as the commands of tests/README.md print them: what was found beside what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table; `kept` says whether what was found is as promised."""

    what: str
    found: str
    promised: str = ""
    kept: bool = True


def table(title: str, figures: Sequence[Figure]) -> str:
    """The figures below each other, and the verdict on all of them."""
    wide = max(len(f.what) for f in figures)
    found = max(len(f.found) for f in figures)
    lines = [
        f"  {f.what:<{wide}}  {f.found:>{found}}  {f.promised:<16}{_verdict(f)}".rstrip() for f in figures
    ]
    broken = [f.what for f in figures if not f.kept]
    return "\n".join([title, *lines, f"BROKEN: {'; '.join(broken)}" if broken else "Kept: all as promised."])


def broken(figures: Sequence[Figure]) -> bool:
    """Whether any of them is not as promised: the exit code."""
    return not all(f.kept for f in figures)


def _verdict(figure: Figure) -> str:
    return "" if not figure.promised else "kept" if figure.kept else "BROKEN"
