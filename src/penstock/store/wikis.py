"""Articles on disk: all of them at once, and with links that follow an object to its new name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from penstock.core.project import FOLDERS
from penstock.core.wiki import Link, relinked
from penstock.store import layout

FOLDER = "wiki"
KEPT = 8192
"""Articles remembered by their stamp."""


def texts(path: Path, folder: str) -> dict[str, bytes]:
    """The Markdown files right in a folder of a project, by name without ending. Unchanged ones are not read again."""
    try:
        entries = sorted(os.scandir(path / folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {
        entry.name.removesuffix(".md"): _content(entry.path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
        for entry in entries
        if entry.name.endswith(".md") and entry.is_file(follow_symlinks=False) and (stat := entry.stat())
    }


def renamed(path: Path, folder: str, old: str, new: str, *, project: str) -> Mapping[str, bytes | None]:
    """The articles that have a link to an object of a folder, with its new name."""
    sort = next(sort for sort, place in FOLDERS.items() if place == folder)

    def name(link: Link) -> str:
        is_it = link.sort == sort and link.name == old and link.project in ("", project)
        return new if is_it else ""

    changed: dict[str, bytes | None] = {}
    for article, data in texts(path, FOLDER).items():
        text = data.decode(errors="surrogateescape")
        now = relinked(text, name)
        if now != text:
            changed[layout.check_file(f"{FOLDER}/{article}.md")] = now.encode(errors="surrogateescape")
    return changed


@lru_cache(maxsize=KEPT)
def _content(path: str, changed: int, size: int, inode: int) -> bytes:
    return Path(path).read_bytes()
