"""Folders as zip files: packed, and opened so that nothing lands outside and no bomb goes off."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from penstock.core.errors import Invalid, TooLarge

MOST_FILES = 20_000
MOST_BYTES = 20 * 1024**3
"""What a zip file may hold once it is opened."""
CHUNK = 1 << 20


def unpack(archive: Path, folder: Path) -> Path:
    """Open a zip file into a folder. Raises Invalid for what would lie outside of it, TooLarge for a bomb."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [m for m in opened.infolist() if not m.is_dir()]
            _check_size(members)
            for member in members:
                _extract(opened, member, folder)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as broken:
        raise Invalid(f"That is no zip file we can read: {broken}") from broken
    return folder


def pack(folder: Path, archive: Path) -> Path:
    """A folder as a zip file; links and what lies behind them are left out."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                opened.write(path, path.relative_to(folder).as_posix())
    return archive


def _check_size(members: Sequence[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_FILES or sum(m.file_size for m in members) > MOST_BYTES:
        raise TooLarge(f"A zip file holds {MOST_FILES:,} files and {MOST_BYTES >> 30} GB at most.")


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    inside = PurePosixPath(member.filename.replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0] or "\0" in member.filename:
        raise Invalid(f"'{member.filename}' in the zip file leads out of it.")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Invalid(f"'{member.filename}' in the zip file is a link.", hint="Put the file itself into it.")
    target = folder / inside
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, target.open("wb") as out:
        _copy_at_most(source, out, member.file_size)


def _copy_at_most(source: IO[bytes], out: IO[bytes], size: int) -> None:
    """Copy what a member says it holds and not a byte more, whatever its header promised."""
    left = size
    while chunk := source.read(min(CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise TooLarge("A file in the zip file is larger than it says.")
        out.write(chunk)
