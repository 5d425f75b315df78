"""Documents as PDF: typst sets the pages."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from penstock.core.document import (
    Block,
    Bullets,
    Code,
    Document,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Prose,
    Question,
    Table,
    Text,
    spans,
)
from penstock.core.errors import Failed
from penstock.core.printout import sheet
from penstock.drawing import prose
from penstock.drawing.writers.laying import Lying, on_pages
from penstock.drawing.writers.pictures import Pictures, ending

HERE = Path(__file__).parent
TALL = 1.35
"""Height over width of a picture from where on it is as high as the page."""


def write(document: Document, *, paper: str = "A4") -> bytes:
    """The whole document. Raises Failed with the reason of typst."""
    import typst

    with _folder(document, paper, Pictures()) as folder:
        try:
            made = typst.compile(folder / "main.typ", root=folder, format="pdf")
        except RuntimeError as error:
            raise Failed(f"The document could not be put on paper: {error}") from error
    assert isinstance(made, bytes)
    return made


@contextmanager
def _folder(document: Document, paper: str, pictures: Pictures) -> Iterator[Path]:
    size = sheet(paper)
    with tempfile.TemporaryDirectory(prefix="penstock-document-") as name:
        folder = Path(name)
        setting = _Setting(folder, pictures)
        at = f"{document.made_at:%d %B %Y, %H:%M} UTC" if document.made_at else ""
        facts = [*document.facts, *([("Generated", at)] if at else [])]
        data = {
            "title": document.title, "subtitle": document.subtitle, "kind": document.kind, "foot": document.foot,
            "facts": facts, "width": size.width, "height": size.height or 841.89, "chapters": True,
            "contents": document.contents,
            "blocks": list(setting.all(on_pages(document.blocks))),
        }  # fmt: skip
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        shutil.copyfile(HERE / "document.typ", folder / "main.typ")
        shutil.copyfile(HERE.parent / "prose.typ", folder / "prose.typ")
        yield folder


@dataclass
class _Setting:
    """Blocks as plain values, pictures as files of a folder."""

    folder: Path
    pictures: Pictures
    drawn: int = field(default=0)

    def all(self, blocks: Sequence[Block | Lying]) -> Iterator[dict[str, Any]]:
        """Blocks in order; words before a picture or table know that they lead to it."""
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            yield self.one(block) | {"leads": isinstance(after, (Picture, Table)), "opens": False}

    def lying(self, blocks: Sequence[Block]) -> list[dict[str, Any]]:
        """Blocks on pages of their own; the first heading needs no further page."""
        return [one | {"opens": n == 0} for n, one in enumerate(self.all(blocks))]

    def one(self, block: Block | Lying) -> dict[str, Any]:
        match block:
            case Lying():
                return {"of": "lying", "blocks": self.lying(block.blocks)}
            case Heading():
                return {"of": "heading", "text": block.text, "level": min(4, block.level)}
            case Paragraph():
                return {"of": "paragraph", "text": _spans(block.text)}
            case Bullets():
                return {
                    "of": "bullets",
                    "items": [_spans(i) for i in block.items],
                    "numbered": block.numbered,
                }
            case Table():
                return _table(block)
            case Picture():
                return self._picture(block)
            case Code():
                return {"of": "code", "text": block.text.rstrip()}
            case Prose():
                return {"of": "prose", "parts": prose.tree(block.markdown)}
            case Note():
                return {"of": "note", "text": _spans(block.text), "tone": block.tone}
            case Question():
                answer = prose.tree(block.answer) if block.answer else []
                return {"of": "question", "text": block.text, "hint": block.hint, "answer": answer}
            case PageBreak():
                return {"of": "break"}
        return {}

    def _picture(self, picture: Picture) -> dict[str, Any]:
        self.drawn += 1
        drawn = self.pictures.svg(picture)
        content = drawn.encode() if drawn else self.pictures.dots(picture)
        name = f"p{self.drawn}.{'svg' if drawn else ending(content)}"
        (self.folder / name).write_bytes(content)
        return {
            "of": "picture", "file": name, "width": picture.width, "caption": picture.caption,
            "words": picture.words or picture.caption, "tall": False,
        }  # fmt: skip


def _table(table: Table) -> dict[str, Any]:
    return {
        "of": "table", "columns": [asdict(column) for column in table.columns],
        "rows": [[_spans(cell) for cell in row] for row in table.rows], "caption": table.caption,
        "strong": sorted(table.strong), "empty": table.empty,
    }  # fmt: skip


def _spans(text: Text) -> list[dict[str, Any]]:
    return [asdict(span) for span in spans(text)]
