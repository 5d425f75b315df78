"""Printouts: a dashboard ready to be put on paper or into a picture, everything it shows already known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from penstock.core.book import Book
from penstock.core.errors import Invalid, did_you_mean
from penstock.core.grid import Box
from penstock.core.tile import Content

Form = Literal["pdf", "png", "jpg"]
FORMS: tuple[Form, ...] = ("pdf", "png", "jpg")
PAPERS: dict[str, tuple[float, float]] = {
    "A4": (595.28, 841.89),
    "A4 landscape": (841.89, 595.28),
    "letter": (612.0, 792.0),
    "letter landscape": (792.0, 612.0),
    "A3": (841.89, 1190.55),
    "A3 landscape": (1190.55, 841.89),
    "ledger": (792.0, 1224.0),
    "ledger landscape": (1224.0, 792.0),
}
"""Width and height in points."""
PIXEL = 0.75
"""Points of a pixel: 96 of them are an inch."""
SCREEN = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a dashboard is put on: a paper, or so many pixels. A height of 0 is as long as the page is."""

    width: float
    """In points."""
    height: float = 0.0
    in_pixels: bool = False


def sheet(words: str) -> Sheet:
    """`A4`, `A4 landscape`, `letter`, `letter landscape`, `screen`, `1600x900`, or `1600` pixels wide. Raises
    Invalid."""
    if words in PAPERS:
        width, height = PAPERS[words]
        return Sheet(width=width, height=height)
    width_text, _, height_text = (str(SCREEN) if words == "screen" else words).partition("x")
    if not width_text.isdigit() or (height_text and not height_text.isdigit()):
        near = did_you_mean(words, [*PAPERS, "screen"])
        raise Invalid(f"'{words}' is no paper.{near}", hint="Or give pixels, such as 1600x900.")
    width, height = int(width_text), int(height_text or 0)
    if not (200 <= width <= 10_000 and (height == 0 or 200 <= height <= 20_000)):
        raise Invalid("A picture is 200 to 10000 pixels wide and 200 to 20000 high.")
    return Sheet(width=width * PIXEL, height=height * PIXEL, in_pixels=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTile:
    """A tile where it stands."""

    box: Box
    title: str
    content: Content
    border: bool = True
    background: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPage:
    """A page of the dashboard; it may take several sheets."""

    title: str
    tiles: tuple[PrintedTile, ...]
    background: str = ""
    filters: str = ""
    """What is filtered, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printout:
    """A whole dashboard."""

    title: str
    project: str
    description: str
    pages: tuple[PrintedPage, ...]
    printed_at: datetime
    spacing: int = 12
    """Between tiles, in pixels of a screen 1,440 wide."""


class Printer(Protocol):
    """Makes documents out of printouts, without a browser."""

    def pdf(self, printout: Printout, sheet: Sheet) -> bytes: ...

    def png(self, printout: Printout, sheet: Sheet) -> Sequence[bytes]:
        """One picture a sheet."""

    def jpg(self, printout: Printout, sheet: Sheet) -> Sequence[bytes]:
        """The same as photographs: smaller, for mails and slides."""

    def book(self, book: Book, sheet: Sheet) -> bytes:
        """Articles as PDF: contents, then each on a page of its own; a rule between paragraphs is a page break."""

    def page(self, book: Book) -> str:
        """Articles as one HTML file that needs nothing else: pictures and looks are inside, nothing in it runs."""
