"""Duplicating: the data of a project, into its copy under another key on the same node."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core import bundle
from penstock.core.archive import Source
from penstock.core.bundle import BundleContent, BundleManifest
from penstock.deploy import bringing, packing
from penstock.runtime import keeping, training

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


def fill(node: Node, project: str, key: str, *, everything: bool, by: str) -> None:
    """Put the data of a project into its fresh copy `key`: everything, or only what no recipe makes.

    The copy has places of its own; nothing of the first one is touched.
    """
    source, copy = node.projects.load(project), node.projects.load(key)
    content = _everything(node, source) if everything else inputs(node, source)
    work = node.bundles.work(key)
    try:
        packed = packing.data(node, source, content, work / "packing")
        for member, found in packed.members.items():
            _lay(found, work / member)
        told = BundleManifest(
            format=bundle.FORMAT, kind="bundle", bundle="copy", project=key, created_at=node.clock.now(),
            content=content, datasets=packed.datasets,
            models=packed.models if everything else {},
        )  # fmt: skip
        bringing.carry(bringing.parts(node, copy, told, work), work, None)
    finally:
        node.bundles.forget(work)
    for name, facts in told.models.items():
        if facts.active in facts.versions:
            training.activate(node, key, name, facts.active, by=by)


def _everything(node: Node, project: Project) -> BundleContent:
    return BundleContent(
        datasets=tuple(name for name in project.datasets if has_rows(node, project, name)),
        models=tuple(project.models), folders=_folders(project, project.folders),
        evaluation_stores=tuple(project.evaluation_stores), only_required_versions=False,
    )  # fmt: skip


def inputs(node: Node, project: Project) -> BundleContent:
    """What no recipe makes."""
    made = {item for recipe in project.recipes.values() for item in recipe.writes}
    return BundleContent(
        datasets=tuple(n for n in project.datasets if n not in made and has_rows(node, project, n)),
        folders=_folders(project, [name for name in project.folders if name not in made]),
    )


def _folders(project: Project, among: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in project.folders if name in among and project.folders[name].is_ours())


def has_rows(node: Node, project: Project, name: str) -> bool:
    """Whether it has rows or files that are ours to copy."""
    if not packing.can_travel(project, name):
        return False
    return not project.datasets[name].MANAGED or keeping.of(node, project, name).snapshot() is not None


def _lay(found: Source, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(found, bytes):
        target.write_bytes(found)
    else:
        bringing.linked(found, target)
