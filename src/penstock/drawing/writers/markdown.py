"""Documents as Markdown, pictures as files beside."""

from __future__ import annotations

import re
from collections.abc import Mapping

from penstock.core.document import (
    Block,
    Bullets,
    Code,
    Document,
    Generated,
    Heading,
    Markdown,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Prose,
    Question,
    Span,
    Table,
    Text,
    spans,
)
from penstock.drawing.writers.pictures import Pictures, ending

TONES = {"note": "Note", "good": "Good", "warning": "Warning", "bad": "Attention"}
_SPECIAL = re.compile(r"([\\`*\[\]<>|~]|(?<!\w)_|_(?!\w))")
_OPENS = re.compile(r"^(\s*)([#+\-=]|\d+[.)])(?=\s|$|[#+\-=])")


def write(document: Document, *, pictures: str = "") -> Markdown:
    """The whole document, its title first."""
    writing = _Writing(pictures)
    head = [f"# {escaped(document.title)}"]
    head += [f"*{escaped(document.subtitle)}*"] if document.subtitle else []
    head += [f"- **{escaped(name)}**: {escaped(value)}" for name, value in document.facts]
    at = f"{document.made_at:%Y-%m-%d %H:%M} UTC" if document.made_at else ""
    foot = " · ".join(part for part in (document.foot, at) if part)
    body = [writing.block(block, deeper=1) for block in document.blocks]
    joined = "\n\n".join([head[0], *_listed(head[1:]), *body, *([f"---\n\n*{foot}*"] if foot else [])])
    return Markdown(text=joined.strip() + "\n", files=writing.files)


def blocks(made: tuple[Block, ...], *, pictures: str = "", deeper: int = 0) -> Markdown:
    """Blocks alone; `deeper` levels below what they say."""
    writing = _Writing(pictures)
    text = "\n\n".join(writing.block(block, deeper) for block in made)
    return Markdown(text=text.strip() + "\n", files=writing.files)


def escaped(text: str) -> str:
    """Letters that Markdown shows as they are."""
    return _OPENS.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def said(text: Text) -> str:
    """A line with its looks."""
    return "".join(_span(span) for span in spans(text))


def _span(span: Span) -> str:
    if span.code:
        fence = "``" if "`" in span.text else "`"
        return f"{fence}{span.text}{fence}"
    text = escaped(span.text)
    if span.bold:
        text = f"**{text}**"
    if span.italic:
        text = f"*{text}*"
    return f"[{text}]({span.to})" if span.to else text


def _listed(head: list[str]) -> list[str]:
    return ["\n".join(head)] if head else []


class _Writing:
    """One document on its way, collecting its pictures."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.files: dict[str, bytes] = {}
        self.pictures = Pictures()

    def block(self, block: Block, deeper: int = 0) -> str:
        match block:
            case Heading():
                return f"{'#' * min(6, block.level + deeper)} {escaped(block.text)}"
            case Paragraph():
                return said(block.text)
            case Bullets():
                return "\n".join(
                    f"{f'{n}.' if block.numbered else '-'} {said(item)}"
                    for n, item in enumerate(block.items, 1)
                )
            case Table():
                return _table(block)
            case Picture():
                return self._picture(block)
            case Code():
                fence = "````" if "```" in block.text else "```"
                return f"{fence}{block.language}\n{block.text.rstrip()}\n{fence}"
            case Prose():
                return block.markdown.strip()
            case Note():
                return f"> **{TONES[block.tone]}.** {said(block.text)}"
            case Question():
                return _question(block)
            case Generated():
                return "\n\n".join(self.block(inner, deeper) for inner in block.blocks)
            case PageBreak():
                return ""

    def _picture(self, picture: Picture) -> str:
        drawn = self.pictures.svg(picture)
        content = drawn.encode() if drawn else self.pictures.dots(picture)
        form = "svg" if drawn else ending(content)
        name = f"{picture.name or f'picture-{len(self.files) + 1}'}.{form}"
        self.files[name] = content
        shown = f"![{escaped(picture.words or picture.caption)}]({self.prefix}{name})"
        return f"{shown}\n\n*{escaped(picture.caption)}*" if picture.caption else shown


_RULES: Mapping[str, str] = {"left": "---", "right": "---:", "center": ":---:"}


def _table(table: Table) -> str:
    if not table.rows:
        return f"*{escaped(table.empty)}*"
    head = [
        [f" {escaped(c.title)} " for c in table.columns],
        [f" {_RULES[c.align]} " for c in table.columns],
    ]
    rows = [
        [f" {_in_cell(f'**{said(c)}**' if n in table.strong and said(c) else said(c))} " for c in row]
        for n, row in enumerate(table.rows)
    ]
    lines = "\n".join(f"|{'|'.join(row)}|" for row in [*head, *rows])
    return f"{lines}\n\n*{escaped(table.caption)}*" if table.caption else lines


def _in_cell(text: str) -> str:
    return " ".join(text.split("\n"))


def _question(question: Question) -> str:
    if question.answer:
        return f"**{escaped(question.text)}**\n\n{question.answer}"
    hint = f" *{escaped(question.hint)}*" if question.hint else ""
    return f"> **To be answered:** {escaped(question.text)}{hint}"
