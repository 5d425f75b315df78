"""A managed folder inside a Python recipe. What is changed in an output becomes visible when the recipe ends well."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

from penstock.core.errors import NotFound, Refused
from penstock.sdk.transport import current


class Folder:
    """An input or output of the recipe that holds files. Building it does not empty it first: see `clear`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Folder({self.name!r})"

    @property
    def path(self) -> Path:
        """Where it lies on this machine: for an output, a copy that is swapped in when the recipe ends well.

        Asking for it copies the old files of an output; `open`, `write` and `delete` do without.
        """
        told, is_output = current().either(self.name, "folder")
        if is_output:
            _make_own(told["path"])
        return Path(told["path"])

    def paths(self) -> list[str]:
        """Paths of all files, relative to the folder, sorted; hidden ones left out."""
        root = self._root
        found = (p.relative_to(root) for p in root.rglob("*") if p.is_file())
        return sorted(p.as_posix() for p in found if not p.name.startswith("."))

    @contextmanager
    def open(self, path: str, mode: str = "rb", **how: Any) -> Iterator[IO[Any]]:
        """A file, for `with`. A written one replaces the old as a whole, when the `with` ends well."""
        if not set(mode) & set("wxa+"):
            with self._inside(path, must_exist=True).open(mode, **how) as file:
                yield file
            return
        target = self._writable(path)
        aside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
        if "a" in mode and target.exists():
            shutil.copyfile(target, aside)
        try:
            with aside.open(mode, **how) as file:
                yield file
            os.replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)

    def read(self, path: str) -> bytes:
        """All bytes of a file. Raises NotFound with the nearest."""
        return self._inside(path, must_exist=True).read_bytes()

    def write(self, path: str, data: bytes | str) -> None:
        """Make or replace a file."""
        with self.open(path, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)

    def delete(self, path: str) -> None:
        """Remove a file; fine when there is none."""
        self._writable(path).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove every file."""
        for path in self.paths():
            self.delete(path)

    @property
    def _root(self) -> Path:
        return Path(current().either(self.name, "folder")[0]["path"])

    def _writable(self, path: str) -> Path:
        current().output(self.name, "folder")
        target = self._inside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _inside(self, path: str, *, must_exist: bool = False) -> Path:
        root = self._root.resolve()
        target = (root / path.lstrip("/")).resolve()
        if not target.is_relative_to(root) or target == root:
            raise Refused(f"{path} is not inside folder {self.name}.")
        if must_exist and not target.is_file():
            raise NotFound("file", path, among=self.paths(), where=f"folder {self.name}")
        return target


@cache
def _make_own(folder: str) -> None:
    """Old files lie there as links: copies take their place, so that code may write into them."""
    for path in [p for p in Path(folder).rglob("*") if p.is_file() and p.stat().st_nlink > 1]:
        aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
        shutil.copy2(path, aside)
        os.replace(aside, path)
