"""The files of a project as a folder: which belong into its history, which belong together, and copying them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from penstock.core.errors import Refused
from penstock.store import layout
from penstock.store.git import Repository
from penstock.store.saving import Contents, read_bytes

HISTORY = ("objects", "refs", "HEAD", "packed-refs", "index")
"""What of a repository is its history; the rest belongs to the machine it lies on."""


def tracked(path: Path) -> list[str]:
    """Every file of a project that belongs into its history: nothing hidden (but .gitignore), no link."""
    found = [".gitignore"] if (path / ".gitignore").is_file() else []
    for folder, inner, files in os.walk(path):
        inner[:] = [name for name in inner if not name.startswith(".") and name != "__pycache__"]
        here = Path(folder)
        shown = [here / name for name in files if not name.startswith(".")]
        found += [file.relative_to(path).as_posix() for file in shown if not file.is_symlink()]
    return sorted(found)


def below(path: Path, folder: str) -> list[str]:
    """The files of a history that lie in one folder of a project, or deeper, by their whole path."""
    found = tracked(path / folder) if (path / folder).is_dir() and not (path / folder).is_symlink() else []
    return [f"{folder}/{file}" for file in found if file != ".gitignore"]


def belongs(file: str) -> bool:
    """Whether a file of that name belongs into a history: see `tracked`."""
    hidden = any(part.startswith(".") or part == "__pycache__" for part in file.split("/"))
    return not hidden or file == ".gitignore"


def everything(path: Path) -> dict[str, bytes]:
    return {file: (path / file).read_bytes() for file in tracked(path)}


def is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def bodies(file: str, files: Iterable[str]) -> list[str]:
    """The code files beside the YAML of a recipe or scenario."""
    stem = file.removesuffix(".yaml")
    if not layout.has_bodies(file) or stem == file:
        return []
    return [other for other in files if other != file and other.rpartition(".")[0] == stem]


def moved(path: Path, folder: str, old: str, new: str, changed: Contents) -> dict[str, bytes | None]:
    """The files of an object under its new name."""
    file = layout.file_of(folder, old)
    moves: dict[str, bytes | None] = {}
    for source in [file, *bodies(file, tracked(path))]:
        target = f"{folder}/{new}.{source.rpartition('.')[2]}"
        moves |= {source: None, target: changed.get(source) or read_bytes(path, source)}
    return moves


def copy(source: Path, target: Path) -> None:
    """The files of a project folder, with its git history: no hook, no setting, nothing that leads elsewhere."""
    for link in (p for p in source.rglob("*") if p.is_symlink()):
        raise Refused(f"{link.relative_to(source)} is a link; a project is made of files only.")
    if (source / ".git").is_dir():
        Repository(target).prepare()
        for part in HISTORY:
            _copy_part(source / ".git" / part, target / ".git" / part)
    for file in tracked(source):
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, target / file)


def _copy_part(source: Path, target: Path) -> None:
    leave = shutil.ignore_patterns("alternates", "http-alternates", "*.lock")
    if source.is_dir():
        shutil.copytree(source, target, ignore=leave, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copyfile(source, target)
