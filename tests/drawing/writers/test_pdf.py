"""Documents as PDF, read again."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from penstock.core.document import Chart, Document, Paragraph, Picture, Prose
from penstock.core.errors import Invalid
from penstock.drawing.writers import DocumentWriter

from .test_markdown import EVERYTHING


def _pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_a_title_page_the_contents_and_each_chapter_on_a_page_of_its_own() -> None:
    title, contents, chapter = _pages(DocumentWriter().pdf(EVERYTHING))
    assert "Late *flights*" in title
    assert "Results" in contents
    assert "It is good" in chapter
    assert "3 / 3" in chapter


def test_text_of_people_is_never_read_as_markup() -> None:
    said = "#let x = 1 $y$ *z* <b> @a"
    pages = _pages(DocumentWriter().pdf(Document(title="t", blocks=(Paragraph(said), Prose(said)))))
    assert "#let x = 1 $y$ *z* <b> @a" in " ".join(pages)


def test_other_papers() -> None:
    letter = PdfReader(io.BytesIO(DocumentWriter().pdf(EVERYTHING, paper="letter")))
    assert float(letter.pages[0].mediabox.width) == 612


def test_an_unknown_chart_is_told() -> None:
    with pytest.raises(Invalid, match=r"There is no chart 'rock'\. Did you mean roc"):
        DocumentWriter().pdf(Document(title="t", blocks=(Picture(drawn=Chart("rock", {})),)))
