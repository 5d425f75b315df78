"""Files that come in: by their own plain name, into a folder of this request."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import UploadFile

from penstock.core.errors import Invalid

CHUNK = 1 << 20


def receive(uploads: Sequence[UploadFile], folder: Path) -> list[Path]:
    """Write files into a folder, each under its own name. Raises Invalid for a name that is a path."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [plain_name(upload.filename or "") for upload in uploads]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Invalid(f"Two of the files are called {twice}.", hint="Give one another name.")
    return [_write(upload, folder / name) for upload, name in zip(uploads, names, strict=True)]


def plain_name(name: str) -> str:
    """A file name without a way to anywhere. Raises Invalid for one that has a way in it, or is none."""
    if name in ("", ".", "..") or any(c in name for c in "/\\\0") or any(ord(c) < 32 for c in name):
        raise Invalid(
            f"'{name}' is no plain file name.", hint="Send each file under its name, without folders."
        )
    if len(name.encode()) > 255:
        raise Invalid("A file name has 255 bytes at most.", hint="Give the file a shorter name.")
    return name


def _write(upload: UploadFile, target: Path) -> Path:
    with target.open("wb") as out:
        shutil.copyfileobj(upload.file, out, CHUNK)
    return target
