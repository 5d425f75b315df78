"""Documents as Word files, opened again."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import vl_convert

from penstock.core.document import Document, Heading, PageBreak, Photo, Picture, Prose, Svg, table
from penstock.drawing.writers import DocumentWriter

from .test_markdown import EVERYTHING

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'


def _opened(document: Document) -> Any:
    return docx.Document(io.BytesIO(DocumentWriter().word(document)))


def test_blocks_are_paragraphs_tables_and_pictures_in_their_styles() -> None:
    made = _opened(EVERYTHING)
    found = {(p.style.name, p.text) for p in made.paragraphs}
    assert ("Title", "Late *flights*") in found
    assert ("Heading 1", "Results") in found
    assert ("Caption", "Figure 1  ROC curve") in found
    assert [c.text for c in made.tables[-1].rows[2].cells] == ["y", "2.5"]
    assert made.tables[-1].style.name == "Penstock Table"
    assert len(made.inline_shapes) == 1


def test_the_contents_lead_to_headings_and_the_office_counts_their_pages() -> None:
    made = _opened(Document(title="t", blocks=(Heading("One"), Heading("Deep", 2), Heading("Two"))))
    entries = [p for p in made.paragraphs if p.style.name.lower().startswith("toc")]
    assert [p.text for p in entries] == ["1  One\t", "1.1  Deep\t", "2  Two\t"]
    places = ["_Toc000001", "_Toc000002", "_Toc000003"]
    assert [link.fragment for p in entries for link in p.hyperlinks] == places
    for entry, place in zip(entries, places, strict=True):
        assert f" PAGEREF {place} \\h " in entry._p.xml
        assert 'w:fldCharType="begin" w:dirty="true"' in entry._p.xml
        assert f'w:name="{place}"' in made.element.xml
    assert " TOC " not in made.element.xml, "LibreOffice shows the stored pages of one, which nobody knows"


def test_pages_are_numbered() -> None:
    content = DocumentWriter().word(EVERYTHING)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        feet = "".join(parts.read(n).decode() for n in parts.namelist() if n.startswith("word/footer"))
    assert "PAGE" in feet
    assert "NUMPAGES" in feet


def test_what_a_person_wrote_in_markdown_has_its_looks() -> None:
    text = "A **bold** word\n\n- one\n  - deep\n\n1. first\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said\n\n```\nx\n```"
    made = _opened(Document(title="t", blocks=(Prose(text), PageBreak())))
    bold = next(p for p in made.paragraphs if p.text == "A bold word")
    assert [r.text for r in bold.runs if r.bold] == ["bold"]
    assert {"deep", "said", "x"} <= {p.text for p in made.paragraphs}
    assert [c.text for c in made.tables[-1].rows[1].cells] == ["1", "2"]


def test_pictures_of_lines_and_of_dots_go_in_with_words_for_who_cannot_see() -> None:
    png = vl_convert.svg_to_png(SVG)
    drawn = (Picture(drawn=Svg(SVG), words="a box"), Picture(drawn=Photo(png), words="a dot", width=0.1))
    made = _opened(Document(title="t", blocks=drawn))
    assert [s._inline.docPr.get("descr") for s in made.inline_shapes] == ["a box", "a dot"]


def test_letters_that_xml_cannot_hold_are_left_out() -> None:
    made = _opened(Document(title="t", blocks=(table(["a"], [["x\x00\x0by"]]),)))
    assert made.tables[-1].rows[1].cells[0].text == "xy"


def test_the_titles_of_a_table_never_stand_alone_at_the_foot_of_a_page() -> None:
    told = Document(title="T", blocks=(table(["A", "B"], [["1", "2"]]),))
    made = docx.Document(io.BytesIO(DocumentWriter().word(told)))
    titles, row = made.tables[-1].rows
    assert all(p.paragraph_format.keep_with_next for cell in titles.cells for p in cell.paragraphs)
    assert not any(p.paragraph_format.keep_with_next for cell in row.cells for p in cell.paragraphs)
