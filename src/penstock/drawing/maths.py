"""Maths: LaTeX as MathML for pages, and as the formulas of Typst for paper. What cannot be read stays as it is."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import cache
from xml.etree import ElementTree

SPACE = "{http://www.w3.org/1998/Math/MathML}"
TAGS = frozenset({
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mstyle", "mpadded", "mphantom", "menclose", "msup",
    "msub", "msubsup", "mfrac", "msqrt", "mroot", "mover", "munder", "munderover", "mtable", "mtr", "mtd",
})  # fmt: skip
MOST = 5_000
"""Letters of a formula."""


def mathml(latex: str, *, display: bool = False) -> str:
    """A formula as MathML; as code when it is none."""
    made = _converted(latex.strip(), display)
    if made is None:
        return f"<code>{html.escape(latex)}</code>"
    return f"<p>{made}</p>" if display else made


def typst(latex: str) -> str | None:
    """A formula in the words of Typst's maths, of which nothing can run; None when it is none."""
    made = _converted(latex.strip(), False)
    if made is None:
        return None
    return _of(ElementTree.fromstring(made))


@cache
def _refused() -> tuple[type[Exception], ...]:
    from latex2mathml import exceptions

    own = [
        c
        for c in vars(exceptions).values()
        if isinstance(c, type) and issubclass(c, Exception) and c is not Exception
    ]
    return (*own, LookupError, ValueError, TypeError, AttributeError, StopIteration, RecursionError)


def _converted(latex: str, display: bool) -> str | None:
    from latex2mathml.converter import convert

    if len(latex) > MOST:
        return None
    try:
        return str(convert(latex, display="block" if display else "inline"))
    except _refused():
        return None


def _of(node: ElementTree.Element) -> str:
    tag = node.tag.removeprefix(SPACE)
    parts = [_of(child) for child in node]
    made = _SHAPES.get(tag)
    if made is not None and parts:
        return made(parts)
    if tag in ("mi", "mn", "mo", "mtext", "ms"):
        return _letters(node.text or "", is_text=tag in ("mtext", "ms"))
    if tag == "mtable":
        rows = [", ".join(_of(cell) for cell in row) for row in node]
        return f"mat(delim: #none, {'; '.join(rows)})"
    if tag == "mspace":
        return "space"
    return _row(parts)


def _row(parts: Sequence[str]) -> str:
    return "".join(f" {part} " for part in parts)


def _at(parts: Sequence[str], place: int) -> str:
    return parts[place] if place < len(parts) else '""'


_SHAPES: dict[str, Callable[[Sequence[str]], str]] = {
    "mfrac": lambda p: f"frac({_at(p, 0)}, {_at(p, 1)})",
    "msup": lambda p: f"attach({_at(p, 0)}, t: {_at(p, 1)})",
    "msub": lambda p: f"attach({_at(p, 0)}, b: {_at(p, 1)})",
    "msubsup": lambda p: f"attach({_at(p, 0)}, b: {_at(p, 1)}, t: {_at(p, 2)})",
    "munder": lambda p: f"attach(limits({_at(p, 0)}), b: {_at(p, 1)})",
    "mover": lambda p: f"attach(limits({_at(p, 0)}), t: {_at(p, 1)})",
    "munderover": lambda p: f"attach(limits({_at(p, 0)}), b: {_at(p, 1)}, t: {_at(p, 2)})",
    "msqrt": lambda p: f"sqrt({_row(p)})",
    "mroot": lambda p: f"root({_at(p, 1)}, {_at(p, 0)})",
}


def _letters(text: str, *, is_text: bool) -> str:
    """Letters that are only letters: one alone is a variable, digits a number, anything else a quoted text."""
    if not is_text and len(text) == 1 and text.isalpha():
        return text
    if not is_text and text and all(c in "0123456789." for c in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if not is_text and len(text) == 1:
        return f'class("{_class(text)}", "{escaped}")' if text in _CLASSES else f'"{escaped}"'
    return f'"{escaped}"'


_CLASSES = {
    **dict.fromkeys("+-−×·±∓∗÷∘", "binary"),
    **dict.fromkeys("=<>≤≥≈∈≠→←⇒≡∼∝", "relation"),
    **dict.fromkeys("∑∏∫", "large"),
    ",": "punctuation",
}


def _class(sign: str) -> str:
    return _CLASSES[sign]
