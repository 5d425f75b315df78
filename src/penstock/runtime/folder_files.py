"""Files of folders as people look at them: taken in with their folders, and the beginning of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.runtime import folders

if TYPE_CHECKING:
    from penstock.core.node import Node

IMAGES: Mapping[str, str] = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}  # fmt: skip
"""Pictures that are shown as they are. SVG is none of them: it may hold scripts."""
TABLES = (".csv", ".tsv")
SEEN_BYTES = 64 * 1024
SEEN_ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The beginning of a file: a picture, rows, a text, or nothing that can be shown."""

    size: int
    is_image: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    is_cut: bool = False
    """There is more than is shown."""


def take_in(
    node: Node, project: str, name: str, files: Sequence[tuple[Path, str]], *, under: str = ""
) -> list[str]:  # fmt: skip
    """Put files into a folder, each below the folder it is given with; their paths there."""
    written: list[str] = []
    for file, place in files:
        inside = "/".join(part for part in (under, place) if part not in ("", "."))
        written += folders.put(node, project, name, [file], under=inside)
    return written


def preview(node: Node, project: str, name: str, path: str) -> Preview:
    """The beginning of a file. Raises NotFound with the nearest path."""
    with folders.open_file(node, project, name, path) as source:
        begun = source.read(SEEN_BYTES)
        size = source.seek(0, 2)
    if Path(path).suffix.lower() in IMAGES:
        return Preview(size=size, is_image=True)
    text = _text(begun)
    is_cut = size > len(begun)
    if Path(path).suffix.lower() in TABLES and text:
        rows = _rows(text, is_cut)
        return Preview(size=size, rows=rows[:SEEN_ROWS], is_cut=is_cut or len(rows) > SEEN_ROWS)
    return Preview(size=size, text=text, is_cut=is_cut)


def _text(begun: bytes) -> str:
    """What it says; empty when it is no text."""
    if b"\0" in begun:
        return ""
    return begun.decode("utf-8", errors="replace")


def _rows(text: str, is_cut: bool) -> tuple[tuple[str, ...], ...]:
    whole = text.rpartition("\n")[0] if is_cut else text
    first = whole.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    return tuple(tuple(row) for row in csv.reader(io.StringIO(whole), delimiter=delimiter))
