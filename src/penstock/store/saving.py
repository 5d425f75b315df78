"""Several files written as one: first a note of what is to be, then the files, then the commit, then the note goes.

A process that dies in between leaves the note; whoever comes next finishes the work. Nothing is lost or half done.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from penstock.core.errors import Refused
from penstock.store.disk import write_atomically
from penstock.store.git import Repository, blob_hash
from penstock.store.layout import inside

NOTE = ".git/penstock-save.json"
FOLDER = "folder"
"""What stands for the hash of a file while a folder has its name."""
Contents = Mapping[str, bytes | None]


class Journal:
    """The one save that may be under way in a project. Used under the project's lock."""

    def __init__(self, project: Path) -> None:
        self.project, self.repository = project, Repository(project)

    @property
    def pending(self) -> bool:
        return (self.project / NOTE).exists()

    def save(self, files: Contents, *, author: str, message: str, at: datetime) -> str:
        """Write files and commit them; returns the id of the commit."""
        self.repository.prepare()
        self._note(files, author=author, message=message, at=at.isoformat())
        self._put_all(files)
        commit = self.repository.commit(files, author=author, message=message, at=at)
        (self.project / NOTE).unlink()
        return commit

    def move(self, files: Contents, *, branch: str, commit: str) -> None:
        """Write files as they are at a commit, and let a branch stand there."""
        self._note(files, branch=branch, commit=commit)
        self._put_all(files)
        self.repository.stand(branch, commit, files)
        (self.project / NOTE).unlink()

    def heal(self) -> None:
        """Finish what a dead process began. A file somebody edited since keeps that edit, uncommitted."""
        if not self.pending:
            return
        note = json.loads((self.project / NOTE).read_bytes())
        after = {f: base64.b64decode(d) if d is not None else None for f, d in note["files"].items()}
        ours = {f: d for f, d in after.items() if self._hash(f) in (note["before"][f], _hash_of(d))}
        self._put_all(ours)
        self.repository.unlock()
        if "commit" in note:
            self.repository.stand(note["branch"], note["commit"], ours)
        else:
            at = datetime.fromisoformat(note["at"])
            self.repository.commit(ours, author=note["author"], message=note["message"], at=at)
        (self.project / NOTE).unlink()

    def _note(self, files: Contents, **words: str) -> None:
        for file in files:
            if not inside(self.project, (self.project / file).parent):
                raise Refused(f"'{file}' leads out of the project; nothing was written.")
        self._check_room(files)
        encoded = {f: base64.b64encode(d).decode() if d is not None else None for f, d in files.items()}
        before = {file: self._hash(file) for file in files}
        note = {"files": encoded, "before": before, **words}
        write_atomically(self.project / NOTE, json.dumps(note).encode())

    def _check_room(self, files: Contents) -> None:
        """Raise Refused where a file is to lie that is a folder with something else in it, or below a file."""
        gone = {self.project / file for file, data in files.items() if data is None}
        for file in (f for f, data in files.items() if data is not None):
            path = self.project / file
            inside_it = path.rglob("*") if path.is_dir() else ()
            above = (p for p in path.parents if self.project in p.parents)
            way = next((p for p in (*inside_it, *above) if p.is_file() and p not in gone), None)
            if way is not None:
                raise Refused(
                    f"'{way.relative_to(self.project)}' is in the way of '{file}'; nothing was written.",
                    hint="Move it away first.",
                )

    def _put_all(self, files: Contents) -> None:
        """What goes, goes first: a file may come where a folder was, and a folder where a file was."""
        for file in sorted(files, key=lambda file: files[file] is not None):
            self._put(file, files[file])

    def _put(self, file: str, data: bytes | None) -> None:
        path = self.project / file
        if data is None:
            with suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()
            return
        if path.is_dir():
            _remove_empty(path)
        if not path.exists() or path.read_bytes() != data:
            write_atomically(path, data)

    def _hash(self, file: str) -> str:
        return FOLDER if (self.project / file).is_dir() else _hash_of(read_bytes(self.project, file))


def _remove_empty(folder: Path) -> None:
    for inner, _, _ in os.walk(folder, topdown=False):
        os.rmdir(inner)


def read_bytes(project: Path, file: str) -> bytes | None:
    """A file of a project; None when there is none, or when it is a link that leads out."""
    path = project / file
    return path.read_bytes() if path.is_file() and inside(project, path) else None


def _hash_of(data: bytes | None) -> str:
    return "" if data is None else blob_hash(data)
