"""The grammar of templates, whatever they are written in: lines that steer, and the tree they make of the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_IF = re.compile(r"if\s+(?P<name>\S+)\s*(?P<sign>==|!=)\s*(?P<value>.*)", re.DOTALL)
_FOREACH = re.compile(r"foreach\s+(?P<variable>\$[^\s.]+)\s+in\s+(?P<name>\S+)")
_CURLY = {"“": '"', "”": '"', "’": "'", "\u00a0": " "}


@dataclass(frozen=True, slots=True)
class If:
    name: str
    equal: bool
    value: str


@dataclass(frozen=True, slots=True)
class ForEach:
    variable: str
    name: str


@dataclass(frozen=True, slots=True)
class End:
    """Closes what was opened last; `name` is what it says it closes."""

    of: str
    """`if` or `foreach`."""
    name: str


@dataclass(frozen=True, slots=True)
class TableEnd:
    name: str


Control = If | ForEach | End | TableEnd


def control(line: str) -> Control | None:
    """What a line that holds nothing else steers; None for any other line."""
    found = PLACEHOLDER.fullmatch(line.strip())
    if found is None:
        return None
    inside = straight(found[1])
    if test := _IF.fullmatch(inside):
        return If(test["name"], test["sign"] == "==", _unquoted(test["value"].strip()))
    if loop := _FOREACH.fullmatch(inside):
        return ForEach(loop["variable"], loop["name"])
    if inside.startswith("/"):
        return TableEnd(inside[1:].strip())
    word, _, name = inside.partition(" ")
    return End(word.removeprefix("end"), name.strip()) if word in ("endif", "endforeach") else None


def alone(line: str) -> str:
    """The name that stands alone on a line, or an empty text."""
    found = PLACEHOLDER.fullmatch(line.strip())
    return straight(found[1]) if found else ""


def straight(text: str) -> str:
    """Quotes and spaces as people type them, not as an office prettifies them."""
    return "".join(_CURLY.get(letter, letter) for letter in text)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


@dataclass(slots=True)
class Branch(Generic[T]):
    """Lines below a condition or inside a loop."""

    of: If | ForEach
    inside: list[T | Branch[T]] = field(default_factory=list)


@dataclass(slots=True)
class Grouped(Generic[T]):
    """The tree of a template, and what was wrong with its steering lines."""

    parts: list[T | Branch[T]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def grouped(lines: Sequence[tuple[T, Control | None]]) -> Grouped[T]:
    """Lines with what they steer → a tree without the steering lines. Nothing is lost: what is never closed ends
    with the document."""
    made: Grouped[T] = Grouped()
    opened: list[Branch[T]] = []
    for line, steering in lines:
        inside = opened[-1].inside if opened else made.parts
        match steering:
            case If() | ForEach():
                branch: Branch[T] = Branch(steering)
                inside.append(branch)
                opened.append(branch)
            case End():
                made.warnings += _closed(steering, opened)
            case _:
                inside.append(line)
    made.warnings += [f"{{{{{_said(branch.of)}}}}} is never closed." for branch in opened]
    return made


def _closed(end: End, opened: list[Branch[T]]) -> Iterator[str]:
    kind = If if end.of == "if" else ForEach
    if not opened or not isinstance(opened[-1].of, kind):
        yield f"{{{{end{end.of} {end.name}}}}} closes nothing that is open there."
        return
    of = opened.pop().of
    name = of.name if isinstance(of, If) else of.variable
    if end.name and end.name != name:
        yield f"{{{{end{end.of} {end.name}}}}} closes {{{{{_said(of)}}}}}."


def _said(of: If | ForEach) -> str:
    if isinstance(of, ForEach):
        return f"foreach {of.variable} in {of.name}"
    return f"if {of.name} {'==' if of.equal else '!='} {of.value}".rstrip()
