"""Whether the files a version keeps are those that were saved; looked at again only when the disk says they changed."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from penstock.core.errors import Refused
from penstock.store.blobs import file_hash, folder_hash

MANIFEST = "manifest.json"

Stamp = tuple[str, int, int, int, int]
"""path, inode, size, nanoseconds of the last change of bytes and of the last change at all"""


def culprit(folder: Path, hash: str) -> str:
    """The file that is not as it was kept, as well as that can be told; an empty text when all are."""
    return _culprit(folder, hash, _stamps(folder))


def _stamps(folder: Path) -> tuple[Stamp, ...]:
    seen = ((p, p.lstat()) for p in sorted(folder.rglob("*")))
    return tuple(
        (p.relative_to(folder).as_posix(), s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for p, s in seen
    )


@lru_cache(maxsize=1024)
def _culprit(folder: Path, hash: str, stamps: tuple[Stamp, ...]) -> str:
    try:
        if folder_hash(folder) == hash:
            return ""
    except Refused:  # a link
        pass
    told = _told(folder)
    wrong = [name for name, kept in told.items() if not _is(folder / name, kept)]
    extra = [path for path, *_ in stamps if path not in told and path != MANIFEST and told]
    return next(iter([*wrong, *extra]), MANIFEST if (folder / MANIFEST).exists() else "a file")


def _told(folder: Path) -> dict[str, str]:
    """File → sha256, as the manifest has them; nothing when that is the one that was changed."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        return {**manifest["checksums"], **manifest.get("kept", {})}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is(file: Path, hash: str) -> bool:
    return file.is_file() and not file.is_symlink() and file_hash(file) == hash
