"""Printing: a dashboard as PDF or as pictures. Typst sets the sheets, Vega draws the charts; no browser is needed."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from penstock.core import grid
from penstock.core.book import Book
from penstock.core.errors import Failed
from penstock.core.grid import COLUMNS, Box
from penstock.core.printout import PrintedPage, PrintedTile, Printout, Sheet
from penstock.core.tile import (
    Button,
    Choice,
    Content,
    Facts,
    Figure,
    Frame,
    History,
    Image,
    Notice,
    Panel,
    Part,
    Plot,
    Runs,
    Table,
    Verdicts,
    Words,
)
from penstock.drawing import books, prose
from penstock.drawing.charts import histories, plots, theme

TEMPLATE = Path(__file__).with_name("dashboard.typ")
PROSE = Path(__file__).with_name("prose.typ")
SCREEN = 1440.0
"""Pixels of the screen whose letters and gaps are kept in proportion."""
LETTER = 14.0
LINE = 1.62
"""Height of a row of a table, in letters."""
PIXELS = 96
"""Of an inch, as those who draw SVG count."""
QUALITY = 90
"""Of a JPEG, of 100."""
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


class TypstPrinter:
    """The Printer of this node."""

    def pdf(self, printout: Printout, sheet: Sheet) -> bytes:
        return _compiled(printout, sheet, "pdf")[0]

    def png(self, printout: Printout, sheet: Sheet) -> Sequence[bytes]:
        return _compiled(printout, sheet, "png")

    def jpg(self, printout: Printout, sheet: Sheet) -> Sequence[bytes]:
        import vl_convert

        drawn = _compiled(printout, sheet, "svg")
        scale = _resolution(sheet) / PIXELS
        return [vl_convert.svg_to_jpeg(svg.decode(), scale=scale, quality=QUALITY) for svg in drawn]

    def book(self, book: Book, sheet: Sheet) -> bytes:
        return books.pdf(book, sheet)

    def page(self, book: Book) -> str:
        return books.page(book)


def _resolution(sheet: Sheet) -> int:
    """Dots an inch."""
    return 96 if sheet.in_pixels else 168


def _compiled(printout: Printout, sheet: Sheet, form: Literal["pdf", "png", "svg"]) -> list[bytes]:
    import typst

    with tempfile.TemporaryDirectory(prefix="penstock-print-") as name:
        folder = Path(name)
        _Setting(printout, sheet, folder).write()
        shutil.copyfile(TEMPLATE, folder / "main.typ")
        shutil.copyfile(PROSE, folder / PROSE.name)
        try:
            made = typst.compile(folder / "main.typ", root=folder, format=form, ppi=_resolution(sheet))
        except RuntimeError as error:
            raise Failed(f"The dashboard could not be put on paper: {error}") from error
    return [made] if isinstance(made, bytes) else list(made)


@dataclass
class _Setting:
    """One printout on its way to paper: measures in points, pictures as files of a folder."""

    printout: Printout
    sheet: Sheet
    folder: Path
    pictures: int = field(default=0)

    def __post_init__(self) -> None:
        self.scale = max(self.sheet.width / SCREEN, 0.52 if not self.sheet.in_pixels else 0.0)
        """Points of a pixel of the screen."""
        self.margin = 28 * self.scale * 1.4
        self.head = 44 * self.scale
        self.gap = self.printout.spacing * self.scale
        self.cell = (self.sheet.width - 2 * self.margin + self.gap) / COLUMNS

    @property
    def letter(self) -> float:
        return LETTER * self.scale

    def write(self) -> None:
        sheets = [made for page in self.printout.pages for made in self._sheets(page)]
        at = self.printout.printed_at.strftime("%Y-%m-%d %H:%M UTC")
        data = {
            "size": self.letter, "width": self.sheet.width, "margin": self.margin, "head": self.head,
            "title": self.printout.title, "foot": f"{self.printout.project} · printed {at}", "sheets": sheets,
        }  # fmt: skip
        (self.folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

    def _sheets(self, page: PrintedPage) -> list[dict[str, Any]]:
        boxes = [tile.box for tile in page.tiles]
        rows = self._rows_of_a_sheet(grid.height(boxes))
        parts = grid.sheets(boxes, rows) or [[]]
        return [
            {
                "title": page.title if len(self.printout.pages) > 1 or page.title else "",
                "note": page.filters, "background": page.background,
                "height": self.sheet.height or self._height(rows),
                "tiles": [self._tile(page.tiles[n], box) for n, box in part],
            }
            for part in parts
        ]  # fmt: skip

    def _rows_of_a_sheet(self, needed: int) -> int:
        if not self.sheet.height:
            return max(needed, 4)
        room = self.sheet.height - 2 * self.margin - self.head + self.gap
        return max(4, int(room / self.cell))

    def _height(self, rows: int) -> float:
        return rows * self.cell - self.gap + self.head + 2 * self.margin

    def _tile(self, tile: PrintedTile, box: Box) -> dict[str, Any]:
        width, height = box.width * self.cell - self.gap, box.height * self.cell - self.gap
        inset = 12 * self.scale if tile.border or tile.background else 2 * self.scale
        note = _note(tile.content)
        is_narrow = len(note) * 0.4 + len(tile.title) * 0.56 > (width - 2 * inset) / self.letter
        taken = (1.9 if tile.title else 0) + (1.3 if note and (is_narrow or not tile.title) else 0)
        room = (width - 2 * inset, height - 2 * inset - self.letter * taken)
        return {
            "left": box.left * self.cell, "top": box.top * self.cell, "width": width, "height": height,
            "inset": inset, "title": tile.title, "note": note, "note_below": is_narrow or not tile.title,
            "border": tile.border, "background": tile.background,
            "parts": [_unrepeated(part, tile.title) for part in self._parts(tile.content, room)],
        }  # fmt: skip

    def _parts(self, content: Content, room: tuple[float, float]) -> list[dict[str, Any]]:
        many = max(1, sum(not isinstance(part, Figure) for part in content.parts))
        has_figures = any(isinstance(part, Figure) for part in content.parts)
        height = (room[1] - (self.letter * 5.5 if has_figures and many else 0)) / many
        alone = all(isinstance(part, Figure) for part in content.parts)
        share = (room[0], room[1] if alone else max(height, self.letter * 3))
        return [self._part(part, share) for part in content.parts]

    def _part(self, part: Part, room: tuple[float, float]) -> dict[str, Any]:
        match part:
            case Figure():
                return self._figure(part, room)
            case History():
                return self._picture(histories.spec(part.course, size=self._pixels(room)))
            case Plot():
                return self._picture(plots.spec(part, size=self._pixels(room)))
            case Table():
                return self._table(part, room)
            case Image():
                return self._photo(part, room)
        return _plain(part, self._lines(room))

    def _lines(self, room: tuple[float, float]) -> int:
        return max(1, int(room[1] / (self.letter * LINE)) - 1)

    def _pixels(self, room: tuple[float, float]) -> tuple[int, int]:
        return max(60, int(room[0] / self.scale)), max(40, int(room[1] / self.scale))

    def _picture(self, spec: dict[str, Any]) -> dict[str, Any]:
        import vl_convert

        return {"of": "picture", "file": self._file("svg", vl_convert.vegalite_to_svg(spec).encode())}

    def _figure(self, part: Figure, room: tuple[float, float]) -> dict[str, Any]:
        height = room[1] - self.letter * 6.2
        drawn = ""
        if height > self.letter * 1.2:
            size = self._pixels((room[0], height))
            drawn = histories.sparkline(
                part.course,
                width=size[0],
                height=size[1],
                colour=theme.VERDICTS.get(part.verdict or "", theme.CURRENT),
            )
        file = self._file("svg", drawn.encode()) if drawn else None
        return {
            "of": "figure", "label": part.label, "value": part.value, "says": part.says, "course": file,
            "verdict": str(part.verdict) if part.verdict else None, "course_height": max(0.0, height),
        }  # fmt: skip

    def _table(self, part: Table, room: tuple[float, float]) -> dict[str, Any]:
        fits = max(1, self._lines(room))
        rows = part.rows[: fits - 1] if len(part.rows) > fits else part.rows
        total = part.total or len(part.rows)
        columns = part.columns[: max(2, int(room[0] / (self.letter * 4.4)))]
        more = [f"{total - len(rows):,} more rows"] if total > len(rows) else []
        hidden = len(part.columns) - len(columns)
        more += [f"{hidden} more columns"] if hidden else []
        return {
            "of": "table", "columns": [{"title": c.title or c.name, "align": c.align} for c in columns],
            "rows": [row[: len(columns)] for row in rows], "more": ", ".join(more),
        }  # fmt: skip

    def _photo(self, part: Image, room: tuple[float, float]) -> dict[str, Any]:
        file = self._file(ENDINGS[part.mime], part.content)
        return {"of": "photo", "file": file, "height": room[1], "fit": part.fit}

    def _file(self, ending: str, content: bytes) -> str:
        self.pictures += 1
        name = f"p{self.pictures}.{ending}"
        (self.folder / name).write_bytes(content)
        return name


def _unrepeated(part: dict[str, Any], title: str) -> dict[str, Any]:
    """A figure does not say what the title has just said."""
    is_said = part["of"] == "figure" and title.startswith(part["label"])
    return {**part, "label": ""} if is_said else part


def _plain(part: Part, lines: int) -> dict[str, Any]:
    """Parts that are letters only."""
    match part:
        case Runs():
            return _runs(part, lines)
        case Verdicts():
            checks = [
                {"name": c.name, "verdict": str(c.verdict or "none"), "message": c.message, "item": c.item}
                for c in part.checks[:lines]
            ]
            return {"of": "verdicts", "checks": checks}
        case Facts():
            return {"of": "facts", "rows": [list(row) for row in part.rows[:lines]]}
        case Words():
            return {"of": "words", "parts": prose.tree(part.markdown)}
        case Panel():
            return {
                "of": "panel",
                "choices": [{"title": c.title, "says": choice_in_words(c)} for c in part.choices],
            }
        case Button():
            return {"of": "notice", "says": part.says, "hint": "A button: press it in the studio."}
        case Frame():
            return {"of": "notice", "says": part.words, "hint": "A web app: open it in the studio."}
        case Notice():
            return {"of": "notice", "says": part.says, "hint": part.hint}
    return {"of": "notice", "says": "", "hint": ""}


def _runs(part: Runs, lines: int) -> dict[str, Any]:
    shown = part.runs if part.form == "strip" else part.runs[:lines]
    rows = [
        {
            "state": r.state, "at": r.at.strftime("%Y-%m-%d %H:%M"), "trigger": r.trigger,
            "took": "" if r.seconds is None else duration(r.seconds),
        }
        for r in shown
    ]  # fmt: skip
    told = [f"next run {part.next_run:%Y-%m-%d %H:%M}"] if part.next_run else []
    told += [f"usually {duration(part.average_seconds)}"] if part.average_seconds else []
    return {"of": "runs", "form": part.form, "runs": rows, "says": " · ".join(told)}


def duration(seconds: float) -> str:
    """Seconds for people: `0.4 s`, `3 min 12 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    whole = timedelta(seconds=round(seconds))
    minutes, rest = divmod(int(whole.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def choice_in_words(choice: Choice) -> str:
    """What is chosen of one column: `UA, AA`, `all but BOS`, `0 to 500`, `all`."""
    if choice.sort == "range":
        ends = [choice.low or choice.values[0], choice.high or choice.values[1]] if choice.values else []
        return " to ".join(ends) if choice.low or choice.high else "all"
    named = ", ".join(value or "no value" for value in choice.chosen)
    return (f"all but {named}" if choice.excluded else named) if named else "all"


def _note(content: Content) -> str:
    at = [f"as of {_moment(content.as_of)}"] if content.as_of else []
    return " · ".join([*([content.badge] if content.badge else []), *at])


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")
