"""Bytes by hash: model files, details of evaluations, samples. Equal content is kept once and never changed."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from penstock.core.errors import NotFound, Refused, Unsafe
from penstock.store.disk import hash_into, left_behind, remove_folder, sync_file, sync_folder, this_process


class DiskBlobs:
    """The Blobs port on a local disk: `blobs/ab/cdef…`, one file or folder per hash."""

    def __init__(self, home: Path) -> None:
        self.root = home / "blobs"

    def put(self, data: bytes) -> str:
        hash = sha256(data).hexdigest()
        if not self._place(hash).exists():
            aside = self._aside()
            aside.write_bytes(data)
            self._keep(aside, hash)
        return hash

    def put_file(self, path: Path) -> str:
        hash = file_hash(path)
        if not self._place(hash).exists():
            aside = self._aside()
            shutil.copyfile(path, aside)
            self._keep(aside, file_hash(aside))
        return hash

    def put_folder(self, path: Path) -> str:
        """A whole folder under one hash (of its sorted relative paths and contents)."""
        hash = folder_hash(path)
        if not self._place(hash).exists():
            aside = self._aside()
            shutil.copytree(path, aside)
            self._keep(aside, hash)
        return hash

    def get(self, hash: str) -> bytes:
        data = self.path(hash).read_bytes()
        if sha256(data).hexdigest() != hash:
            raise Unsafe(
                f"The stored bytes {hash[:12]} were changed on disk.", hint="Restore them from a backup."
            )
        return data

    def path(self, hash: str) -> Path:
        place = self._place(hash)
        if not place.exists():
            raise NotFound("stored file", hash)
        return place

    def delete(self, hash: str, *, unless: Callable[[], bool] = lambda: False) -> None:
        """Forget some bytes. `unless` is asked once they are out of sight; True brings them back.

        Whoever begins to refer to the same bytes meanwhile either is seen by `unless`, or finds them gone and
        puts them again.
        """
        place = self._place(hash)
        aside = self._aside()
        try:
            place.rename(aside)
        except FileNotFoundError:
            return
        if unless() and not place.exists():
            aside.rename(place)
        else:
            remove_folder(aside) if aside.is_dir() else aside.unlink()

    def sweep(self) -> int:
        """Remove what dead processes left half-copied; returns how many files and folders."""
        aside = [p for p in self.root.glob(".incoming/*") if left_behind(p.name.partition("-")[2])]
        for path in aside:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return len(aside)

    def _keep(self, aside: Path, hash: str) -> None:
        """Give complete bytes their name; if another process was faster, its copy is as good."""
        _protect(aside)
        place = self._place(hash)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.rename(place)
        except OSError:
            if not place.exists():
                raise
            shutil.rmtree(aside)
        sync_folder(place.parent)

    def _place(self, hash: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", hash):
            raise NotFound("stored file", hash)
        return self.root / hash[:2] / hash[2:]

    def _aside(self) -> Path:
        folder = self.root / ".incoming"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{secrets.token_hex(8)}-{this_process()}"


def file_hash(path: Path) -> str:
    """sha256 of a file's bytes."""
    digest = sha256()
    hash_into(digest, path)
    return digest.hexdigest()


def folder_hash(path: Path) -> str:
    """sha256 over the sorted relative paths and contents of a folder; a link in it is refused."""
    digest = sha256(b"folder\0")
    for file in sorted(path.rglob("*")):
        if file.is_symlink():
            raise Refused(f"{file.name} is a link; a kept folder holds files only.")
        if file.is_file():
            digest.update(f"{file.relative_to(path).as_posix()}\0{file_hash(file)}\n".encode())
    return digest.hexdigest()


def _protect(path: Path) -> None:
    files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
    for file in files:
        sync_file(file)
        file.chmod(0o444)
