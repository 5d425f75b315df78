"""What lies on file connections under the name of an object: it follows a new name, and goes with its project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from penstock.core.errors import PenstockError
from penstock.core.files import carry
from penstock.runtime import keepers, keeping
from penstock.runtime.contexts import Scratch, folder_root

if TYPE_CHECKING:
    from penstock.core.files import FileRoot
    from penstock.core.node import Node
    from penstock.core.project import Project


def move(node: Node, before: Project, old: str, new: str) -> None:
    """Bring the files of a renamed folder, or the snapshots of a renamed dataset, to where the new name says."""
    source, target = _root(node, before, old), _root(node, node.projects.load(before.key), new)
    if source is None or target is None or source == target:
        return
    scratch = Scratch(node, f"move-{node.clock.new_id()}")
    try:
        carry(source, target, scratch)
    finally:
        scratch.remove()


def drop(node: Node, project: Project) -> None:
    """Remove what a project that is deleted keeps on file connections; where nobody answers it stays."""
    for root in _roots(node, project):
        with suppress(PenstockError):
            root.remove([file.path for file in root.listed()])


def _roots(node: Node, project: Project) -> Iterator[FileRoot]:
    for name in (*project.datasets, *project.folders):
        with suppress(PenstockError):
            found = _root(node, project, name)
            if found is not None:
                yield found


def _root(node: Node, project: Project, name: str) -> FileRoot | None:
    """Where an object keeps files on a connection in a place that Penstock chose; None where it does not."""
    if name in project.datasets and project.dataset(name).database():
        kept = keeping.of(node, project, name)
        return kept.root if isinstance(kept, keepers.InLake) else None
    folder = project.folders.get(name)
    if folder is not None and folder.connection and folder.is_ours():
        return folder_root(node, project, name)
    return None
