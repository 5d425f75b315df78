"""Books: articles on paper, set by Typst, and as one HTML file. No browser is needed."""

from __future__ import annotations

import base64
import html
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.core.book import Book, Chapter
from penstock.core.errors import Failed
from penstock.core.printout import Sheet
from penstock.drawing import clean, marks, prose

TEMPLATE = Path(__file__).with_name("book.typ")
STYLE = Path(__file__).with_name("book.css")
ENDINGS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"RIFF": "webp"}
MIMES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


def pdf(book: Book, sheet: Sheet) -> bytes:
    """Contents, then each article on a page of its own."""
    import typst

    with tempfile.TemporaryDirectory(prefix="penstock-book-") as name:
        folder = Path(name)
        files = _pictures(book, folder)
        told = {
            "title": book.title, "foot": f"{book.project} · {book.made_at:%Y-%m-%d %H:%M UTC}",
            "width": sheet.width, "height": sheet.height, "contents": len(book.chapters) > 1,
            "chapters": [_chapter(book, chapter, files) for chapter in book.chapters],
        }  # fmt: skip
        (folder / "data.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        shutil.copyfile(TEMPLATE, folder / "main.typ")
        try:
            made = typst.compile(folder / "main.typ", root=folder, format="pdf")
        except RuntimeError as error:
            raise Failed(f"The articles could not be put on paper: {error}") from error
    return made if isinstance(made, bytes) else made[0]


def page(book: Book) -> str:
    """One HTML file: contents, articles, pictures and looks inside."""
    names = {chapter.address: chapter.name for chapter in book.chapters}
    contents = "".join(
        f'<li class="level-{min(c.level, 4)}"><a href="#{c.name}">{html.escape(c.title)}</a></li>'
        for c in book.chapters
    )
    articles = "".join(_article(book, chapter, names) for chapter in book.chapters)
    head = f"<title>{html.escape(book.title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style>"
    told = f"<p class='foot'>{html.escape(book.project)} · {book.made_at:%Y-%m-%d %H:%M UTC}</p>"
    nav = f"<nav><ul>{contents}</ul></nav>" if len(book.chapters) > 1 else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{head}</head><body><h1>{html.escape(book.title)}</h1>{told}{nav}{articles}</body></html>\n"
    )


def untitled(text: str, title: str) -> str:
    """A text without a first heading that only repeats its title."""
    first, _, rest = text.lstrip().partition("\n")
    is_title = re.fullmatch(r"#\s+(.*?)\s*#*", first)
    return rest if is_title and is_title[1].casefold() == title.casefold() else text


def kind_of(content: bytes) -> str:
    """`png`, `jpg`, `gif`, `webp` by the first bytes; empty for anything else."""
    return next((ending for start, ending in ENDINGS.items() if content.startswith(start)), "")


def _pictures(book: Book, folder: Path) -> dict[str, str]:
    """Address → file in the folder."""
    files: dict[str, str] = {}
    for place, (address, content) in enumerate(book.pictures.items()):
        ending = kind_of(content)
        if ending:
            files[address] = f"p{place}.{ending}"
            (folder / files[address]).write_bytes(content)
    return files


def _chapter(book: Book, chapter: Chapter, files: Mapping[str, str]) -> dict[str, Any]:
    names = {c.address: c.name for c in book.chapters}
    leaves = prose.tree(untitled(chapter.text, chapter.title), files, raw=True)
    return {
        "name": chapter.name, "title": chapter.title, "level": chapter.level + 1,
        "parts": [_led(leaf, names, book.base_url) for leaf in leaves],
    }  # fmt: skip


def _led(leaf: dict[str, Any], names: Mapping[str, str], base: str) -> dict[str, Any]:
    """Links lead inside of the book, or to the studio."""
    made = dict(leaf)
    if "parts" in made:
        made["parts"] = [_led(part, names, base) for part in made["parts"]]
    if made["of"] == "link":
        address = made["to"].partition("#")[0]
        made["at"] = names.get(address)
        made["to"] = f"{base.rstrip('/')}{made['to']}" if base and made["to"].startswith("/") else made["to"]
    return made


def _article(book: Book, chapter: Chapter, names: Mapping[str, str]) -> str:
    shown = marks.html(untitled(chapter.text, chapter.title), raw=True)
    inside = clean.clean(_inlined(clean.clean(shown), book, names), schemes=frozenset({"data"}))
    level = min(chapter.level + 2, 6)
    title = f'<h{level} id="{html.escape(chapter.name)}">{html.escape(chapter.title)}</h{level}>'
    return f"<article>{title}{inside}</article>"


def _inlined(shown: str, book: Book, names: Mapping[str, str]) -> str:
    """Pictures as data, links to articles of the book as anchors, other ones of the studio with its address."""

    def picture(match: re.Match[str]) -> str:
        content = book.pictures.get(html.unescape(match[1]))
        kind = kind_of(content) if content else ""
        if not content or not kind:
            return match[0]
        return f'src="data:{MIMES[kind]};base64,{base64.b64encode(content).decode()}"'

    def link(match: re.Match[str]) -> str:
        address, mark, part = html.unescape(match[1]).partition("#")
        if address in names:
            return f'href="#{html.escape(names[address])}"'
        return f'href="{html.escape(f"{book.base_url.rstrip(chr(47))}{address}{mark}{part}")}"'

    return re.sub(r'href="(/[^"]*)"', link, re.sub(r'src="(/[^"]*)"', picture, shown))
