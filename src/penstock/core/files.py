"""Files under one root: a folder of this machine, or a path of a file connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from penstock.core.dataset import SourceFile
from penstock.core.errors import NotFound, Refused

Work = Callable[[], Path]
"""Gives a private folder that lives as long as the work."""


class FileSource(Protocol):
    """Files that are read, wherever they lie. Paths are relative to the root, with `/`."""

    def listed(self) -> list[SourceFile]:
        """Every file, by path; what somebody is still writing is left out. Nothing is fetched."""

    def local(self, files: Sequence[SourceFile], work: Work) -> Path:
        """A folder of this machine where these files lie under their paths, to read from."""

    def open(self, path: str) -> BinaryIO:
        """A file as a stream of bytes that can be sought in. Raises NotFound with the nearest path."""


class FileRoot(FileSource, Protocol):
    """Files that are changed, too."""

    def put(self, source: Path, path: str) -> None:
        """Copy a file there, whole or not at all."""

    def remove(self, paths: Sequence[str]) -> None:
        """Delete files; nothing is deleted when one of them does not exist."""

    def stage(self, work: Work) -> Path:
        """The files, to be changed in a folder of this machine without anybody seeing it until `finish`.
        A file is replaced there, never written in place: the old ones are links."""

    def finish(self, staged: Path) -> tuple[int, int]:
        """Make a staged view what the root holds, all of it or nothing; files written, files removed."""

    def discard(self, staged: Path) -> None:
        """Forget a staged view."""


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """The reading half of a FileRoot in a folder of this machine."""

    root: Path

    def listed(self) -> list[SourceFile]:
        found = sorted(p for p in self.root.rglob("*") if p.is_file()) if self.root.is_dir() else []
        return [_seen(p, self.root) for p in found if not is_hidden(p.relative_to(self.root).as_posix())]

    def local(self, files: Sequence[SourceFile], work: Work) -> Path:
        return self.root

    def open(self, path: str) -> BinaryIO:
        return self.existing(path).open("rb")

    def existing(self, path: str) -> Path:
        """A file. Raises NotFound with the nearest path, Refused for a path that leads out."""
        target = self.inside(path)
        if not target.is_file():
            raise NotFound(
                "file", path, among=[f.path for f in self.listed()], where=f"folder {self.root.name}"
            )
        return target

    def inside(self, path: str) -> Path:
        """Where a path leads, links followed. Raises Refused when that is outside."""
        target = (self.root / path).resolve()
        if not target.is_relative_to(self.root.resolve()):
            raise leads_out(path)
        return target


def carry(source: FileRoot, target: FileRoot, work: Work) -> None:
    """Bring every file to another place, one after the other, the last by name last; then remove it here."""
    found = source.listed()
    for file in found:
        target.put(source.local([file], work) / file.path, file.path)
    source.remove([file.path for file in reversed(found)])


def leads_out(path: str) -> Refused:
    return Refused(f"'{path}' leads out of the folder.", hint="Paths are relative to the folder's root.")


def is_hidden(path: str) -> bool:
    """Whether somebody is still writing it, or it is kept beside the files: `.incoming-…`, `.staged-…/…`."""
    return path.rpartition("/")[2].startswith(".") or path.startswith(".staged-")


def _seen(file: Path, root: Path) -> SourceFile:
    status = file.stat()
    return SourceFile(file.relative_to(root).as_posix(), status.st_size, status.st_mtime_ns // 1_000_000)
