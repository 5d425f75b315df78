"""Writers: a document as Markdown, as Word, as PDF. No browser, no office."""

from __future__ import annotations

from penstock.core.document import Document, Markdown
from penstock.core.placeholders import Filled, Names
from penstock.drawing.writers import markdown, pdf, word


class DocumentWriter:
    """The Writer of this node. Light to import: libraries come in when something is written."""

    def markdown(self, document: Document, *, pictures: str = "") -> Markdown:
        return markdown.write(document, pictures=pictures)

    def word(self, document: Document) -> bytes:
        return word.write(document)

    def pdf(self, document: Document, *, paper: str = "A4") -> bytes:
        return pdf.write(document, paper=paper)

    def fill(self, template: bytes, names: Names) -> Filled:
        from penstock.drawing import templating

        return templating.fill(template, names)
