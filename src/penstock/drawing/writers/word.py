"""Documents as Word files: a title page, contents with links whose pages the office counts, numbered headings and
figures."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from penstock.core.document import (
    Block,
    Bullets,
    Code,
    Document,
    Generated,
    Heading,
    Line,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Prose,
    Question,
    Span,
    Table,
    Text,
    numbered,
    plain,
    spans,
)
from penstock.drawing import prose
from penstock.drawing.writers import word_looks, word_parts
from penstock.drawing.writers.laying import Lying, on_pages
from penstock.drawing.writers.pictures import Pictures
from penstock.drawing.writers.word_looks import ACCENT, EDGE, MONO, QUIET, TABLE_STYLE, TONES

WIDTH = 16.6
"""Centimetres of the width of the text."""
LONG = 25.3
"""The same on a page that lies."""
TALL = 20.0
"""Centimetres a picture may be high."""
LINKS = ("http://", "https://", "mailto:")


def write(document: Document) -> bytes:
    """The whole document."""
    made = word_looks.fresh()
    _around(made.sections[0], document)
    _title_page(made, document)
    pictures = Pictures()
    body = _Body(made)
    _contents(body, document)
    writing = Writing(body, pictures)
    for is_lying, blocks in _runs(document.blocks):
        if is_lying or writing.width != WIDTH:
            writing.width = LONG if is_lying else WIDTH
            _turned(made, document, lies=is_lying)
        writing.all(blocks)
    made.core_properties.title, made.core_properties.author = document.title, "Penstock"
    made.core_properties.subject, made.core_properties.comments = document.kind or document.subtitle, ""
    return saved(made)


def saved(made: Any) -> bytes:
    """The bytes of a document of python-docx."""
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _around(section: Any, document: Document, width: float = WIDTH) -> None:
    """Header and footer of every page of a section."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    for paragraph in (head, foot):
        stops = paragraph.paragraph_format.tab_stops
        stops.add_tab_stop(Cm(width), WD_TAB_ALIGNMENT.RIGHT)
    head.add_run(f"{document.title}\t{document.kind}")
    word_parts.under(head, EDGE)
    foot.add_run(f"{document.foot}\t")
    word_parts.field(foot, "PAGE", "1")
    foot.add_run(" / ")
    word_parts.field(foot, "NUMPAGES", "1")


def _runs(blocks: Iterable[Block]) -> list[tuple[bool, list[Block]]]:
    """Stretches of blocks for pages that lie, and for those that stand."""
    found: list[tuple[bool, list[Block]]] = []
    for block in on_pages(blocks):
        if isinstance(block, Lying):
            found.append((True, list(block.blocks)))
        elif found and not found[-1][0]:
            found[-1][1].append(block)
        else:
            found.append((False, [block]))
    return found


def _turned(made: Any, document: Document, *, lies: bool) -> None:
    """From here on pages lie, or stand again."""
    from docx.enum.section import WD_ORIENTATION

    section = made.add_section()
    sides = sorted((section.page_width, section.page_height))
    section.page_width, section.page_height = reversed(sides) if lies else sides
    section.orientation = WD_ORIENTATION.LANDSCAPE if lies else WD_ORIENTATION.PORTRAIT
    section.different_first_page_header_footer = False
    _around(section, document, LONG if lies else WIDTH)


def _title_page(made: Any, document: Document) -> None:
    from docx.shared import Cm, Pt, RGBColor

    top = made.add_paragraph()
    top.paragraph_format.space_before = Cm(4.5)
    run = top.add_run((document.kind or "Document").upper())
    run.font.size, run.bold, run.font.color.rgb = Pt(10), True, RGBColor.from_string(ACCENT)
    made.add_paragraph(document.title, style="Title")
    if document.subtitle:
        made.add_paragraph(document.subtitle, style="Subtitle")
    rule = made.add_paragraph()
    word_parts.under(rule, ACCENT, thick=18)
    rows = list(document.facts)
    if document.made_at:
        rows.append(("Generated", f"{document.made_at:%d %B %Y, %H:%M} UTC"))
    if rows:
        grid = made.add_table(rows=0, cols=2)
        grid.autofit = False
        for name, value in rows:
            cells = grid.add_row().cells
            _cell(cells[0], (Span(name, bold=True),))
            _cell(cells[1], value)
        _wide(grid.columns[0], Cm(4.6))
        _wide(grid.columns[1], Cm(WIDTH - 4.6))
    made.add_page_break()


def _contents(made: Any, document: Document) -> None:
    """Links to every heading. Their pages are fields of their own, which each office counts when it opens the document:
    on which page a heading stands only who sets the pages knows. In a field `TOC` LibreOffice would show what is
    stored."""
    found = numbered(document.blocks)
    if not found or not document.contents:
        return
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Cm, Pt, RGBColor

    head = made.add_paragraph()
    run = head.add_run("Contents")
    run.bold, run.font.size, run.font.color.rgb = True, Pt(20), RGBColor.from_string(ACCENT)
    for n, (number, heading) in enumerate(found, 1):
        entry = made.add_paragraph(style=f"TOC {heading.level}")
        entry.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        link = word_parts.inner_link(entry, f"_Toc{n:06d}")
        before = len(entry._p)
        entry.add_run(f"{number}  {heading.text}\t")
        word_parts.field(entry, f"PAGEREF _Toc{n:06d} \\h", stale=True)
        for run in list(entry._p)[before:]:
            link.append(run)


class _Body:
    """The body of a document. For each paragraph python-docx reads it from its beginning, and every style: with
    thousands of them that takes minutes."""

    def __init__(self, made: Any) -> None:
        self.made, self.styles = made, made.styles
        self.add_table, self.add_page_break = made.add_table, made.add_page_break
        self._ids: dict[str, str] = {}

    def add_paragraph(self, text: str = "", style: str | None = None) -> Any:
        from docx.text.paragraph import Paragraph as WordParagraph

        element = word_parts.element("p")
        self.made.element.body[-1].addprevious(element)
        made = WordParagraph(element, self.made._body)
        if text:
            made.add_run(text)
        if style:
            if style not in self._ids:
                self._ids[style] = self.styles[style].style_id
            element.style = self._ids[style]
        return made


class Writing:
    """Blocks on their way into a document. `to` holds paragraphs: the document, or a cell of a template."""

    def __init__(
        self, made: Any, pictures: Pictures | None = None, *, marks: bool = True, chapters: bool = True
    ) -> None:
        self.made = made
        self.pictures = pictures or Pictures()
        self.marks = marks
        """Whether headings are places that the table of contents leads to."""
        self.chapters = chapters
        """Whether each chapter begins a page."""
        self.width = WIDTH
        """Centimetres of the text's width here."""
        self.headings = 0
        self.leads = False
        """Whether a picture or table comes next: its words stay on its page."""
        self.counts = {"Figure": 0, "Table": 0}

    def all(self, blocks: Sequence[Block]) -> None:
        for block, after in zip(blocks, (*blocks[1:], None), strict=True):
            self.leads = isinstance(after, (Picture, Table))
            self.one(block)

    def one(self, block: Block) -> None:
        match block:
            case Heading():
                self._heading(block)
            case Paragraph():
                made = self.made.add_paragraph()
                made.paragraph_format.keep_with_next = self.leads or None
                put(made, block.text)
            case Bullets():
                self._bullets(block)
            case Table():
                self._table(block)
            case Picture():
                self._picture(block)
            case Code():
                self._code(block)
            case Prose():
                for leaf in prose.tree(block.markdown):
                    self._leaf(leaf)
            case Note():
                self._note(block)
            case Question():
                self._question(block)
            case PageBreak():
                self.made.add_page_break()
            case Generated():
                self.all(block.blocks)

    def _heading(self, heading: Heading) -> None:
        made = self.made.add_paragraph(heading.text, style=f"Heading {min(4, heading.level)}")
        if heading.level == 1 and self.chapters:
            made.paragraph_format.page_break_before = True
        if heading.level <= 3 and self.marks:
            self.headings += 1
            word_parts.bookmark(made, f"_Toc{self.headings:06d}", self.headings)

    def _bullets(self, block: Bullets) -> None:
        if not block.numbered:
            for item in block.items:
                put(self.made.add_paragraph(style="List Bullet"), item)
            return
        from docx.shared import Cm

        for n, item in enumerate(block.items, 1):
            made = self.made.add_paragraph()
            made.paragraph_format.left_indent, made.paragraph_format.first_line_indent = Cm(0.8), Cm(-0.6)
            put(made, (Span(f"{n}.  "), *spans(item)))

    def _table(self, block: Table) -> None:
        if not block.rows:
            put(self.made.add_paragraph(), (Span(block.empty, italic=True),))
            return
        fill_table(self.made, block)
        if block.caption:
            self._caption("Table", block.caption)
        else:
            self._gap()

    def _picture(self, block: Picture) -> None:
        made = self.made.add_paragraph()
        made.paragraph_format.keep_with_next = bool(block.caption)
        hang(made, block, self.pictures, self.width)
        if block.caption:
            self._caption("Figure", block.caption)

    def _caption(self, word: str, text: str) -> None:
        self.counts[word] += 1
        made = self.made.add_paragraph(style="Caption")
        made.add_run(f"{word} ")
        word_parts.field(made, f"SEQ {word} \\* ARABIC", str(self.counts[word]))
        made.add_run(f"  {text}")

    def _code(self, block: Code) -> None:
        rows = block.text.rstrip("\n").split("\n")
        for n, row in enumerate(rows):
            made = self.made.add_paragraph(row, style="Code")
            word_parts.boxed(made, "F4F6F9", "D0D7E2")
            if n == len(rows) - 1:
                from docx.shared import Pt

                made.paragraph_format.space_after = Pt(8)

    def _note(self, block: Note) -> None:
        made = self.made.add_paragraph()
        put(made, block.text)
        word_parts.boxed(made, *TONES[block.tone])
        self._gap()

    def _question(self, block: Question) -> None:
        made = self.made.add_paragraph()
        put(made, (Span(block.text, bold=True),))
        if block.answer:
            for leaf in prose.tree(block.answer):
                self._leaf(leaf)
            return
        hint = f" {block.hint}" if block.hint else ""
        put(made, (Span(f"  To be answered by a person.{hint}", italic=True),))
        word_parts.boxed(made, *TONES["warning"])
        self._gap()

    def _gap(self) -> None:
        """Coloured paragraphs that touch would become one."""
        from docx.shared import Pt

        made = self.made.add_paragraph()
        made.paragraph_format.space_after, made.paragraph_format.line_spacing = 0, Pt(7)

    def _leaf(self, leaf: prose.Leaf, depth: int = 0) -> None:
        """A block of a person's Markdown."""
        match leaf["of"]:
            case "heading":
                self.made.add_paragraph(plain(letters(leaf)), style="Heading 4")
            case "list" | "numbers":
                for n, item in enumerate(leaf["parts"], leaf.get("start", 1)):
                    self._item(item, f"{n}.  " if leaf["of"] == "numbers" else "", depth)
            case "block":
                self._code(Code(leaf["text"]))
            case "table":
                self.one(table_of(leaf))
            case "quote":
                for part in leaf["parts"]:
                    self.one(Note(letters(part)))
            case "rule":
                word_parts.under(self.made.add_paragraph(), EDGE)
            case _:
                put(self.made.add_paragraph(), letters(leaf))

    def _item(self, item: prose.Leaf, number: str, depth: int) -> None:
        from docx.shared import Cm

        made = self.made.add_paragraph(style=None if number else "List Bullet")
        if number or depth:
            made.paragraph_format.left_indent = Cm(0.8 + 0.7 * depth)
            made.paragraph_format.first_line_indent = Cm(-0.6)
        inner = [part for part in item["parts"] if part["of"] not in ("list", "numbers")]
        put(made, (Span(number), *(s for part in inner for s in letters(part))))
        for part in item["parts"]:
            if part["of"] in ("list", "numbers"):
                self._leaf(part, depth + 1)


def letters(leaf: prose.Leaf, *, bold: bool = False, italic: bool = False, to: str = "") -> Line:
    """The letters inside a leaf, with their looks."""
    match leaf["of"]:
        case "text" | "code":
            return (Span(leaf["text"], bold, italic, leaf["of"] == "code", to),)
        case "break":
            return (Span("\n"),)
    bold, italic = bold or leaf["of"] == "strong", italic or leaf["of"] == "emphasis"
    inner = (letters(p, bold=bold, italic=italic, to=leaf.get("to", to)) for p in leaf.get("parts", ()))
    return tuple(span for found in inner for span in found)


def table_of(leaf: prose.Leaf) -> Table:
    """A table of a person's Markdown."""
    from penstock.core.document import Column

    rows = [row for part in leaf["parts"] for row in part["parts"]]
    cells = [tuple(letters(c) for c in row["parts"]) for row in rows]
    return Table(columns=tuple(Column(plain(c)) for c in cells[0]), rows=tuple(cells[1:]))


def put(paragraph: Any, text: Text) -> None:
    """Letters into a paragraph."""
    for span in spans(text):
        if span.text:
            _run(paragraph, span)


def _run(paragraph: Any, span: Span) -> None:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(legible(span.text))
    run.bold, run.italic = span.bold or None, span.italic or None
    if span.code:
        run.font.name, run.font.size = MONO, Pt(9)
    if span.to.startswith(LINKS):
        run.font.color.rgb = RGBColor.from_string(ACCENT)
        word_parts.link(paragraph, span.to).append(run._r)


def legible(text: str) -> str:
    """Letters that XML can hold."""
    return "".join(c for c in text if c in "\n\t" or ord(c) >= 32)


def hang(paragraph: Any, picture: Picture, pictures: Pictures, wide: float = WIDTH) -> None:
    """A picture into a paragraph, as wide as it wants and the page allows."""
    from docx.shared import Cm

    run = paragraph.add_run()
    width = Cm(wide * picture.width)
    shape = run.add_picture(io.BytesIO(pictures.dots(picture)), width=width)
    if shape.height > Cm(TALL):
        shape.width, shape.height = int(shape.width * Cm(TALL) / shape.height), Cm(TALL)
    shape._inline.docPr.set("descr", picture.words or picture.caption)


def fill_table(made: Any, block: Table, *, like: Any = None) -> Any:
    """A new table. `like`: the XML of one of a template, whose looks it takes."""
    from docx.shared import Cm

    titled = any(column.title for column in block.columns)
    grid = made.add_table(rows=0, cols=len(block.columns))
    if like is None:
        grid._tbl.tblStyle_val = made.styles[TABLE_STYLE].style_id
    else:
        _dressed(grid, like)
    grid.autofit = not any(column.width for column in block.columns)
    _look(grid, titled, like)
    total = sum(column.width for column in block.columns)
    widths = [Cm(WIDTH * column.width / total) if total else None for column in block.columns]
    for column, width in zip(grid._tbl.tblGrid.gridCol_lst, widths, strict=True):
        if width is not None:
            column.w = width
    if titled:
        row = grid.add_row()
        for cell, column in zip(_cells(grid, row, widths), block.columns, strict=True):
            _cell(cell, (Span(column.title, bold=True),), column.align, colour=ACCENT if like is None else "")
        word_parts.repeated(row)
    for n, values in enumerate(block.rows):
        row = grid.add_row()
        word_parts.unbroken(row)
        for k, (cell, value) in enumerate(zip(_cells(grid, row, widths), values, strict=True)):
            strong = n in block.strong or (not titled and k == 0)
            text = tuple(Span(s.text, s.bold or strong, s.italic, s.code, s.to) for s in spans(value))
            _cell(cell, text, block.columns[k].align)
    return grid


def _cells(grid: Any, row: Any, widths: Sequence[Any]) -> list[Any]:
    """The cells of a row, as wide as their columns: Word reads their width, others that of the column. python-docx
    would look at the whole table for each."""
    from docx.table import _Cell

    found = [_Cell(tc, grid) for tc in row._tr.tc_lst]
    for cell, width in zip(found, widths, strict=True):
        if width:
            cell.width = width
    return found


def _dressed(grid: Any, like: Any) -> None:
    """A table takes the properties of another: its style, borders, grounds."""
    import copy

    from docx.oxml.ns import qn

    ours, theirs = grid._tbl.tblPr, like.find(qn("w:tblPr"))
    if theirs is not None:
        grid._tbl.replace(ours, copy.deepcopy(theirs))


def _wide(column: Any, width: int) -> None:
    """Word reads the width of the cells, others that of the column."""
    column.width = width
    for cell in column.cells:
        cell.width = width


def _look(grid: Any, titled: bool, like: Any = None) -> None:
    """Which parts of its style a table shows: rows in turn, and its first row where that holds titles."""
    from docx.oxml.ns import qn

    if like is not None:
        return
    look = grid._tbl.tblPr.find(qn("w:tblLook"))
    if look is None:
        look = word_parts.element("tblLook")
        grid._tbl.tblPr.append(look)
    look.attrib.clear()
    look.set(qn("w:val"), "0420" if titled else "0400")
    shown = {"firstRow": titled, "lastRow": False, "firstColumn": False, "lastColumn": False, "noHBand": False,
             "noVBand": True}  # fmt: skip
    for name, value in shown.items():
        look.set(qn(f"w:{name}"), "1" if value else "0")


def _cell(cell: Any, text: Text, align: str = "left", *, colour: str = "") -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = 0
    if align != "left":
        paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    put(paragraph, text)
    if colour:
        from docx.shared import RGBColor

        for run in paragraph.runs:
            run.font.color.rgb = RGBColor.from_string(colour)


__all__ = ["QUIET", "Writing", "fill_table", "hang", "put", "saved", "write"]
