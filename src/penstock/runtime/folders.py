"""Managed folders: list, fetch, put and remove files, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from penstock.core import sharing
from penstock.core.dataset import SourceFile
from penstock.core.errors import ExternalData, NotFound
from penstock.core.files import FileRoot
from penstock.runtime.contexts import Scratch, folder_root

if TYPE_CHECKING:
    from penstock.core.node import Node


def root(node: Node, project: str, name: str) -> FileRoot:
    """The files of a managed folder. Raises NotFound for a folder the project does not have."""
    return folder_root(node, node.projects.load(project), name)


def _own(node: Node, project: str, name: str) -> FileRoot:
    """The files of a folder that is to be changed. Raises Refused for one of another project."""
    loaded = node.projects.load(project)
    sharing.check_own(loaded, name, "changed")
    return folder_root(node, loaded, name)


def files(node: Node, project: str, name: str) -> list[SourceFile]:
    """Every file, by path; sizes in bytes, times in epoch milliseconds."""
    return root(node, project, name).listed()


def open_file(node: Node, project: str, name: str, path: str) -> BinaryIO:
    """A file as a stream of bytes. Raises NotFound with the nearest path."""
    return root(node, project, name).open(path)


@contextmanager
def all_files(node: Node, project: str, name: str) -> Iterator[Path]:
    """A folder of this machine with every file, for as long as it is looked at."""
    scratch = Scratch(node, f"folder-{node.clock.new_id()}")
    found = root(node, project, name)
    try:
        yield found.local(found.listed(), scratch)
    finally:
        scratch.remove()


def put(node: Node, project: str, name: str, sources: Sequence[Path], *, under: str = "") -> list[str]:
    """Copy files into the folder, each written aside and swapped in; returns their paths in the folder."""
    missing = next((s for s in sources if not s.is_file()), None)
    if missing is not None:
        raise NotFound("file", str(missing))
    place = _own(node, project, name)
    paths = ["/".join(part for part in (under.strip("/"), source.name) if part) for source in sources]
    for source, path in zip(sources, paths, strict=True):
        place.put(source, path)
    return paths


def remove(node: Node, project: str, name: str, paths: Sequence[str]) -> None:
    """Delete files of the folder; nothing is deleted when one of them does not exist."""
    _own(node, project, name).remove(paths)


def clear(node: Node, project: str, name: str) -> None:
    """Remove every file. Raises ExternalData for a folder whose place somebody chose: it is not ours to empty."""
    _own(node, project, name)
    definition = node.projects.load(project).folder(name)
    if not definition.is_ours():
        where = f"connection {definition.connection}" if definition.connection else "the server"
        raise ExternalData(
            f"Folder {name} lies on {where} under {definition.path}; its files are never cleared.",
            hint="Remove them where they come from.",
        )
    place = root(node, project, name)
    place.remove([f.path for f in place.listed()])
