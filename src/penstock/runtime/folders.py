"""Managed folders: list, fetch, put and remove files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from penstock.core.dataset import SourceFile
from penstock.core.errors import ExternalData, NotFound, Refused
from penstock.runtime.contexts import folder_files, folder_root

if TYPE_CHECKING:
    from penstock.core.node import Node


def root(node: Node, project: str, name: str) -> Path:
    """Where the files of a managed folder lie. Raises NotFound for a folder the project does not have."""
    return folder_root(node, node.projects.load(project), name)


def files(node: Node, project: str, name: str) -> list[SourceFile]:
    """Every file, by path; sizes in bytes, times in epoch milliseconds."""
    return folder_files(root(node, project, name))


def open_file(node: Node, project: str, name: str, path: str) -> BinaryIO:
    """A file as a stream of bytes. Raises NotFound with the nearest path."""
    return _existing(node, project, name, path).open("rb")


def put(node: Node, project: str, name: str, sources: Sequence[Path], *, under: str = "") -> list[str]:
    """Copy files into the folder, each written aside and swapped in; returns their paths in the folder."""
    missing = next((s for s in sources if not s.is_file()), None)
    if missing is not None:
        raise NotFound("file", str(missing))
    written = []
    for source in sources:
        target = _inside(root(node, project, name), f"{under}/{source.name}".lstrip("/"))
        node.data.put(source, target)
        written.append(str(target.relative_to(root(node, project, name))))
    return written


def remove(node: Node, project: str, name: str, paths: Sequence[str]) -> None:
    """Delete files of the folder; nothing is deleted when one of them does not exist."""
    for found in [_existing(node, project, name, path) for path in paths]:
        found.unlink()


def clear(node: Node, project: str, name: str) -> None:
    """Remove every file. Raises ExternalData for a folder of the server, which is not ours to empty."""
    definition = node.projects.load(project).folder(name)
    if definition.path:
        raise ExternalData(
            f"Folder {name} lies on the server under {definition.path}; its files are never cleared.",
            hint="Remove them where they come from.",
        )
    remove(node, project, name, [f.path for f in files(node, project, name)])


def _existing(node: Node, project: str, name: str, path: str) -> Path:
    target = _inside(root(node, project, name), path)
    if not target.is_file():
        among = [f.path for f in files(node, project, name)]
        raise NotFound("file", path, among=among, where=f"folder {name}")
    return target


def _inside(place: Path, path: str) -> Path:
    target = (place / path).resolve()
    if not target.is_relative_to(place.resolve()):
        raise Refused(f"'{path}' leads out of the folder.", hint="Paths are relative to the folder's root.")
    return target
