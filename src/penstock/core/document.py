"""Documents: what a text says, block by block, before it becomes Markdown, Word or PDF.

Whoever makes a chapter makes blocks; the writers know how a face looks. A block that was derived says what it stands
on, so that every face can tell when it is no longer true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from penstock.core.picture import Picture as FlowPicture
from penstock.core.tile import History, Plot

Tone = Literal["note", "good", "warning", "bad"]
Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An object that something derived stands on, as it was then."""

    object: str
    """Sort and name, as links write them: `dataset:flights_tiny`, `model:late`, `scenario:Retrain`."""
    version: str = ""
    """Of what has versions: a model's version, a snapshot, a bundle."""
    hash: str = ""
    """Of its definition, or of what was shown of it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Letters of one look."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    to: str = ""
    """Where it leads: an address, or `sort:name` of an object."""


Line = tuple[Span, ...]
"""One line or paragraph of letters."""
Text = str | Line
"""Letters as they are, or with looks. A plain string is never read as markup; see `line`."""


def line(marked: str) -> Line:
    """Letters with `**bold**`, `` `code` `` and `[words](target)` in them."""
    return tuple(_spans(marked))


def plain(text: Text) -> str:
    """The letters alone."""
    return text if isinstance(text, str) else "".join(span.text for span in text)


def spans(text: Text) -> Line:
    """Always spans."""
    return (Span(text),) if isinstance(text, str) else text


_MARK = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\[(?P<words>[^\]]+)\]\((?P<to>[^)\s]+)\)")


def _spans(marked: str) -> Iterator[Span]:
    at = 0
    for found in _MARK.finditer(marked):
        if found.start() > at:
            yield Span(marked[at : found.start()])
        if found["bold"]:
            yield Span(found["bold"], bold=True)
        elif found["code"]:
            yield Span(found["code"], code=True)
        else:
            yield Span(found["words"], to=found["to"])
        at = found.end()
    if at < len(marked):
        yield Span(marked[at:])


@dataclass(frozen=True, slots=True)
class Heading:
    """Opens a part; level 1 is a chapter."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: Text


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `numbered` when the order matters."""

    items: tuple[Text, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """Of a table. `width` is its share of the page beside the others'; 0 is as wide as its cells need."""

    title: str
    align: Align = "left"
    width: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text. A row of `strong` stands out: the selected one, a total."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]
    caption: str = ""
    strong: frozenset[int] = frozenset()
    empty: str = "Nothing to list."
    """Said instead of a table without rows."""


def table(titles: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str = "", **more: Any) -> Table:
    """A table of plain values; columns whose every cell is a number stand to the right, and those that say nothing in
    any row are left out."""
    cells = tuple(tuple(cell(value) for value in row) for row in rows)
    titles, cells = _telling(titles, cells)
    wide = _widths([[title, *(plain(row[n]) for row in cells)] for n, title in enumerate(titles)])
    columns = tuple(
        Column(title, "right" if cells and all(_is_number(row[n]) for row in cells) else "left", wide[n])
        for n, title in enumerate(titles)
    )
    return Table(columns=columns, rows=cells, caption=caption, **more)


def _telling(
    titles: Sequence[str], cells: tuple[tuple[Text, ...], ...]
) -> tuple[Sequence[str], tuple[tuple[Text, ...], ...]]:
    """Without the columns that are empty in every row; the first one stays."""
    kept = [
        n
        for n in range(len(titles))
        if not n or not cells or any(plain(row[n]) not in ("", "–") for row in cells)
    ]
    return [titles[n] for n in kept], tuple(tuple(row[n] for n in kept) for row in cells)


LETTERS = 104
"""Of a table's type on the width of a page, about."""


def _widths(texts: Sequence[Sequence[str]]) -> list[float]:
    """Letters that each column gets: its longest word at least, and as much more as the page has for its longest
    cell."""
    least = [
        max(5, *(_letters(word) for text in of for word in re.split(r"[\s/-]+", text))) + 4.0 for of in texts
    ]
    wanted = [max(low, min(max(map(len, of)), 60) + 4.0) for low, of in zip(least, texts, strict=True)]
    spare, asked = LETTERS - sum(least), sum(wanted) - sum(least)
    share = min(1.0, max(0.0, spare / asked)) if asked else 0.0
    return [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]


def _letters(word: str) -> float:
    """How much room a word takes; capitals take more."""
    return len(word) + 0.4 * sum(letter.isupper() for letter in word)


def facts(pairs: Iterable[tuple[str, Any]], *, caption: str = "") -> Table:
    """Names and what they are, one a row; those without a value are left out."""
    rows = tuple((name, cell(value)) for name, value in pairs if value not in (None, "", ()))
    columns = (Column("", "left", 0.3), Column("", "left", 0.7))
    return Table(columns=columns, rows=rows, caption=caption)


def cell(value: Any) -> Text:
    """A value as a table shows it."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return number(value)
        case int():
            return f"{value:,}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case tuple() if all(isinstance(part, Span) for part in value):
            return value
        case list() | tuple() | set() | frozenset():
            return ", ".join(plain(cell(part)) for part in value)
    return str(value)


def number(value: float | None, digits: int = 4) -> str:
    """A number for people: four digits that count, thousands apart."""
    if value is None:
        return "–"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.{digits}g}"


def _is_number(text: Text) -> bool:
    return bool(re.fullmatch(r"–|[-+]?[\d,]+(\.\d+)?(e[-+]?\d+)?%?", plain(text)))


@dataclass(frozen=True, slots=True)
class Svg:
    text: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of dots: PNG or JPEG bytes."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart that `drawing` knows by name, and the numbers it draws; names: `drawing/charts/by_name.py`."""

    of: str
    facts: Mapping[str, Any]


Drawn = Svg | Photo | Chart | Plot | History | FlowPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Something to look at, with words that say the same."""

    drawn: Drawn
    caption: str = ""
    words: str = ""
    """For readers who do not see it; the caption when empty."""
    width: float = 1.0
    """Share of the page's width."""
    name: str = ""
    """Of the file, where pictures are files."""


@dataclass(frozen=True, slots=True)
class Code:
    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown that a person wrote, shown as the studio shows it."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something set apart: a remark, a warning."""

    text: Text
    tone: Tone = "note"


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person knows; `answer` once somebody wrote it."""

    text: str
    hint: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """Blocks that were derived, under a name that stays, with what they stand on."""

    name: str
    blocks: tuple[Block, ...]
    sources: tuple[Source, ...] = ()


Block = (
    Heading | Paragraph | Bullets | Table | Picture | Code | Prose | Note | Question | PageBreak | Generated
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole document. `facts` stand on the title page, `foot` below every page."""

    title: str
    subtitle: str = ""
    kind: str = ""
    """What sort of document: `Model documentation`."""
    made_at: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()
    foot: str = ""
    blocks: tuple[Block, ...] = ()
    contents: bool = True
    """Whether a table of contents stands after the title page, where there are headings."""
    warnings: tuple[str, ...] = field(default=())
    """What could not be said, for whoever asked for the document; never written into it."""


def flat(blocks: Iterable[Block]) -> Iterator[Block]:
    """Every block, those inside of generated ones in place of them."""
    for block in blocks:
        if isinstance(block, Generated):
            yield from flat(block.blocks)
        else:
            yield block


def sources(blocks: Iterable[Block]) -> tuple[Source, ...]:
    """Everything that the blocks stand on, each once."""
    found: dict[Source, None] = {}
    for block in blocks:
        if isinstance(block, Generated):
            found.update(dict.fromkeys(block.sources))
            found.update(dict.fromkeys(sources(block.blocks)))
    return tuple(found)


def numbered(blocks: Iterable[Block]) -> list[tuple[str, Heading]]:
    """Headings of level 1 to 3 with their numbers: 1, 1.1, 1.1.1."""
    counts, found = [0, 0, 0], []
    for block in flat(blocks):
        if isinstance(block, Heading) and block.level <= 3:
            counts[block.level - 1] += 1
            counts[block.level :] = [0] * (3 - block.level)
            found.append((".".join(str(c) for c in counts[: block.level] if c), block))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Markdown:
    """A document as Markdown, with its pictures as files beside it: name → bytes."""

    text: str
    files: Mapping[str, bytes]
