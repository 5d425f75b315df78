"""Importing: a project from a zip of its files, unpacked where nothing can be overwritten."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from penstock.core import export
from penstock.core.archive import check_names
from penstock.core.errors import Invalid
from penstock.core.export import ExportManifest
from penstock.core.names import check_project_key
from penstock.core.project import SETTINGS_FILE, Project
from penstock.runtime import projects, relocating
from penstock.runtime.relocating import Fit

if TYPE_CHECKING:
    from penstock.core.node import Node

MOST_FILES = 20_000
MOST_BYTES = 500_000_000
"""Of all files together, unpacked."""


def from_zip(
    node: Node, archive: IO[bytes], *, key: str = "", filename: str = "", author: str, connections: Sequence[str] = ()
) -> Project:  # fmt: skip
    """Take in the project whose `project.yaml` is in the zip. Its key is the one given, else the folder's or the
    file's name; `connections`, words `OLD=NEW`, as in `projects.add`. Raises Invalid for a zip that is none, has no
    project, or reaches outside of its own folder."""
    with opened(node, archive, key, filename) as folder:
        is_export = manifest_of(folder) is not None
        made = projects.add(node, folder, author=author, connections=connections)
    if not is_export:
        return made
    with ExitStack() as failed:
        failed.callback(projects.delete, node, made.key)
        node.shipping.fill_import(made.key, archive, by=author)
        failed.pop_all()
    return made


def fits(
    node: Node, archive: IO[bytes], *, key: str = "", filename: str = "", connections: Sequence[str] = ()
) -> list[Fit]:  # fmt: skip
    """Every connection that the project in a zip names, and what is wrong with it here. Nothing is taken in."""
    with opened(node, archive, key, filename) as folder:
        project, _ = node.projects.examine(folder, folder.name)
        return relocating.fits(node, project, relocating.mapping(connections))


def manifest_of(folder: Path) -> ExportManifest | None:
    """What the export says of itself whose project was unpacked here; None for a zip that somebody made by hand."""
    beside = folder.parent / export.MANIFEST
    return export.read_manifest(beside.read_bytes()) if beside.is_file() else None


@contextmanager
def opened(node: Node, archive: IO[bytes], key: str, filename: str) -> Iterator[Path]:
    """The folder of the project in a zip, called by its key, with its history when that is in it."""
    with tempfile.TemporaryDirectory() as work:
        folder = _unpacked(archive, Path(work), key, filename)
        if (Path(work) / export.HISTORY).is_file():
            node.versions.unbundle(folder, Path(work) / export.HISTORY)
        yield folder


def _unpacked(archive: IO[bytes], work: Path, key: str, filename: str) -> Path:
    """The project's folder; what an export says of itself, and its history, lie beside it."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = _checked(opened)
            root = _root(names)
            folder = work / check_project_key(key or _key_of(root.name or Path(filename).stem))
            for info in (i for i in names if PurePosixPath(i.filename).is_relative_to(root)):
                _unpack(opened, info, folder / PurePosixPath(info.filename).relative_to(root))
            for info in (i for i in names if i.filename in (export.MANIFEST, export.HISTORY)):
                _unpack(opened, info, work / info.filename)
            return folder
    except zipfile.BadZipFile as error:
        raise Invalid("This file is no zip.", hint="Zip the folder that holds project.yaml.") from error
    except (zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise Invalid(f"This zip cannot be read: {error or 'it ends too early'}.") from error


def _key_of(name: str) -> str:
    """A folder's name as a key: `my-flights` → `MY_FLIGHTS`."""
    return name.upper().replace("-", "_").replace(" ", "_")


def _checked(opened: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    listed = opened.infolist()
    if any(info.filename == export.MANIFEST for info in listed):
        listed = [info for info in listed if not info.filename.startswith(export.DATA)]
    if len(listed) > MOST_FILES or sum(i.file_size for i in listed) > MOST_BYTES:
        raise Invalid("This zip holds more than a project's files: data does not belong in it.")
    for info in listed:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in info.filename:
            raise Invalid(f"'{info.filename}' reaches outside of the zip's own folder; nothing was unpacked.")
        if (info.external_attr >> 16) & 0o170000 == 0o120000:
            raise Invalid(f"'{info.filename}' is a link; nothing was unpacked.")
    files = [i for i in listed if not i.is_dir() and ".git" not in PurePosixPath(i.filename).parts]
    check_names([info.filename for info in files], within="zip")
    return files


def _root(names: list[zipfile.ZipInfo]) -> PurePosixPath:
    found = [PurePosixPath(i.filename) for i in names if PurePosixPath(i.filename).name == SETTINGS_FILE]
    if not found:
        raise Invalid("There is no project.yaml in this zip.", hint="Zip the folder that holds project.yaml.")
    return min(found, key=lambda path: len(path.parts)).parent


def _unpack(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """One file; a zip that lies about its sizes is stopped where it said it would end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(info) as source, target.open("wb") as out:
        left = info.file_size
        while block := source.read(min(1 << 20, left + 1)):
            left -= len(block)
            if left < 0:
                raise Invalid(f"'{info.filename}' is larger than the zip says; nothing was taken in.")
            out.write(block)
