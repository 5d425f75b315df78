"""Tiles: what stands on a dashboard, and the plain parts that what it shows is made of.

A tile kind turns its settings into parts; pages, PDF and JSON know how to show every part, so that a new kind needs
neither a template nor a drawing of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from penstock.core.grid import COLUMNS, Box
from penstock.core.kind import Definition, Kind
from penstock.core.names import Reference, local_references
from penstock.core.outcome import Verdict
from penstock.core.report import Course

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext

MOST_ROWS = 500
"""Cells a tile may be high, and rows down a page may go: far beyond any screen."""


class Place(Definition):
    """Where a tile stands on the grid of 36 columns, in cells."""

    left: int = Field(default=0, ge=0, lt=COLUMNS, description="Columns left of it.")
    top: int = Field(default=0, ge=0, le=MOST_ROWS, description="Rows above it.")
    width: int = Field(default=12, ge=1, le=COLUMNS, description="Columns it takes, of 36.")
    height: int = Field(default=8, ge=1, le=MOST_ROWS, description="Rows it takes; cells are square.")

    @model_validator(mode="after")
    def _on_the_grid(self) -> Place:
        if self.left + self.width > COLUMNS:
            raise ValueError(f"left + width is {self.left + self.width}; the grid has {COLUMNS} columns.")
        return self

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.width, self.height)

    @classmethod
    def of(cls, box: Box) -> Place:
        return cls(left=box.left, top=box.top, width=box.width, height=box.height)


class Tile(Kind):
    """One thing shown on a page of a dashboard. `data(ctx)` says what it shows now.

    `SIZE` is how many cells a new one takes, width and height. A kind whose `TEXT` is true has no title bar unless it
    is given a title.
    """

    FAMILY: ClassVar[str] = "tiles"
    LABEL: ClassVar[str] = ""
    """What people call the kind; the file name when empty."""
    SIZE: ClassVar[tuple[int, int]] = (12, 8)
    TEXT: ClassVar[bool] = False
    READS: ClassVar[bool] = False
    """Whether it reads rows, so that a page does not wait for it."""

    id: str = Field(default="", description="Given when it is saved from the studio; names it in addresses.")
    title: str = Field(default="", description="`${variables}` are filled in; says what it shows when empty.")
    show_title: Literal["always", "never", "on hover"] = Field(
        default="always", description="When the title is seen."
    )
    border: bool = Field(default=True, description="Draw a line around it.")
    background: str = Field(default="", description="As #rrggbb; that of the page when empty.")
    click: Literal["open", "nothing"] = Field(
        default="open", description="What a click on the title does: open the object it shows, or `link`."
    )
    link: str = Field(default="", description="An address to open instead of the object.")
    locked: bool = Field(default=False, description="Other tiles do not push it away.")
    place: Place = Field(default=Place(), description="Where it stands.")

    @field_validator("background")
    @classmethod
    def _colour(cls, colour: str) -> str:
        return check_colour(colour)

    @field_validator("link")
    @classmethod
    def _address(cls, link: str) -> str:
        if link and not re.match(r"https?://|/(?!/)", link):
            raise ValueError(
                f"'{link}' is no address: begin with https:// or with / for a page of the studio."
            )
        return link

    @field_validator("id")
    @classmethod
    def _word(cls, id: str) -> str:
        if id and not re.fullmatch(r"[\w-]{1,40}", id):
            raise ValueError(f"'{id}' is no id: use letters, digits, _ and -, 40 at most.")
        return id

    def data(self, ctx: TileContext) -> Content:
        """What it shows now. Raises our errors; the tile then shows what they say."""
        raise NotImplementedError

    def about(self, ctx: TileContext) -> str:
        """Its title when it was given none."""
        return type(self).label()

    @classmethod
    def label(cls) -> str:
        """What people call the kind."""
        return cls.LABEL or cls.kind_name().replace("_", " ").capitalize()

    def articles(self) -> list[str]:
        """The articles of the wiki that it shows."""
        return []

    def objects(self, project: str) -> list[Reference]:
        """The objects of the project that it shows."""
        return local_references(self, project)


def check_colour(colour: str) -> str:
    """The colour itself, or ValueError; an empty one is none."""
    if colour and not re.fullmatch("#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"'{colour}' is no colour: write it as #rrggbb, such as #2f6fed.")
    return colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number or word, large: what it is called, what a check says of it, how it went."""

    label: str
    value: str
    verdict: Verdict | None = None
    says: str = ""
    """A sentence below: what the check said, what the value is compared with."""
    course: tuple[float, ...] = ()
    """Values up to this one, oldest first: drawn small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How a metric went, with the limits its checks draw."""

    course: Course
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One side of a plot: which value of the rows it shows, and how."""

    field: str
    title: str = ""
    sort: Literal["text", "number", "time"] = "text"
    format: str = ""
    """As d3 writes it: `.1%`, `,.0f`, `%b %Y`."""
    order: tuple[str, ...] = ()
    """Texts in the order they stand; as they come when empty."""


Mark = Literal["bar", "line", "area", "arc", "point", "box", "cells"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Rows and how to draw them; what draws it is the room `drawing`.

    The rows of `box` have min, lower, median, upper and max beside their x; those of `cells` are shaded squares.
    """

    mark: Mark
    rows: tuple[Mapping[str, Any], ...]
    x: Axis
    y: Axis
    color: Axis | None = None
    label: Axis | None = None
    """A word beside each point."""
    stack: Literal["grouped", "stacked", "share"] = "stacked"
    horizontal: bool = False
    diagonal: bool = False
    """A dashed line from corner to corner: what guessing would give."""
    words: str = ""
    """The same for readers without pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One column of a table."""

    name: str
    title: str = ""
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells: texts as they are shown, None where there is nothing."""

    columns: tuple[Heading, ...]
    rows: tuple[tuple[str | None, ...], ...]
    total: int | None = None
    """How many rows there are in all, when some are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One run of a scenario in a list or a strip."""

    id: str
    state: str
    """SUCCESS, WARNING, FAILED, ABORTED, RUNNING, QUEUED, CANCELLED, MISSED."""
    at: datetime
    seconds: float | None = None
    trigger: str = ""
    by: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """The last runs of a scenario, newest first."""

    scenario: str
    runs: tuple[Passage, ...]
    form: Literal["strip", "list"] = "list"
    next_run: datetime | None = None
    average_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One check or rule with what it said last; `verdict` is None when it was never run."""

    name: str
    verdict: Verdict | None
    message: str = ""
    at: datetime | None = None
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Checks and rules with what they said last."""

    checks: tuple[Judged, ...]
    overall: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button that starts a scenario, and what that does now."""

    scenario: str
    says: str
    running: str = ""
    """The id of the run that is going on."""
    started_at: datetime | None = None
    disabled: str = ""
    """Why it cannot be pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Markdown."""

    markdown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture out of a file."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    mime: str
    content: bytes = field(repr=False)
    words: str = ""
    fit: Literal["contain", "cover"] = "contain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A page embedded in the tile, alone in a sandbox."""

    folder: str
    file: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One column of a filters panel: what can be chosen and what is."""

    column: str
    title: str
    sort: Literal["values", "range", "text"]
    values: tuple[str, ...] = ()
    """Those there are, most frequent first; an empty text stands for no value."""
    chosen: tuple[str, ...] = ()
    excluded: bool = False
    """Whether the chosen ones are left out rather than kept."""
    low: str = ""
    high: str = ""
    more: int = 0
    """Values that are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A filters panel."""

    dataset: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names with values, in order."""

    rows: tuple[tuple[str, str], ...]


Reason = Literal["nothing yet", "gone", "not allowed", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Why there is nothing to see, and what to do about it."""

    reason: Reason
    says: str
    hint: str = ""


Part = (
    Figure
    | History
    | Plot
    | Table
    | Runs
    | Verdicts
    | Button
    | Words
    | Image
    | Frame
    | Panel
    | Facts
    | Notice
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a tile shows now."""

    parts: tuple[Part, ...]
    as_of: datetime | None = None
    """When the data behind it was written or measured."""
    badge: str = ""
    """What must be known to read it right, such as that it shows a sample."""


def content(*parts: Part, as_of: datetime | None = None, badge: str = "") -> Content:
    """Some parts as content."""
    return Content(parts=parts, as_of=as_of, badge=badge)


def notice(says: str, hint: str = "", *, reason: Reason = "nothing yet") -> Content:
    """Nothing to see, and why."""
    return content(Notice(reason=reason, says=says, hint=hint))


def number(value: Any) -> str:
    """A number for people: whole ones with thousands apart, others with four digits; other values as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _real(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M" if value.hour or value.minute else "%Y-%m-%d")
    return str(value)


def _real(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.3g}"
    return f"{value:.4g}"
