"""Exports: a project as a zip that another node takes in, with as much of its data as one wants. No bundle: nothing is
signed, nothing is activated; it becomes a project that people go on designing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from penstock.core import archive, bundle, export
from penstock.core.access import Permission
from penstock.core.archive import Bounds
from penstock.core.bundle import (
    ActivationSettings,
    BundleContent,
    BundleManifest,
    BundleMessage,
    EnvironmentFacts,
    PluginFacts,
)
from penstock.core.errors import Invalid, NotFound, NotReady, UnsafeArchive
from penstock.core.export import BuildMemory, ExportManifest, ImportCheck
from penstock.core.project import Project
from penstock.deploy import bringing, checking, duplicating, furnishing, packing
from penstock.runtime import audit, environments, guards, importing, relocating, renaming, training
from penstock.runtime import plugins as installed

if TYPE_CHECKING:
    from penstock.core.node import Node

MEMORIES: TypeAdapter[BuildMemory] = TypeAdapter(BuildMemory)
PACKED = Bounds(members=1_000_000, total=1 << 40)


def write(
    node: Node, project: str, target: Path, *, uploads: bool = False, inputs: bool = False, datasets: bool = False,
    folders: bool = False, models: bool = False, evaluation_stores: bool = False, history: bool = False, by: str = "",
) -> Path:  # fmt: skip
    """The project as a zip: its files as they are now, and what else is asked for.

    `uploads`: uploaded files. `inputs`: data that no recipe makes – uploads, managed datasets, folders. `datasets`: the
    rows of every dataset that are ours. `folders`, `models` (every version), `evaluation_stores`: all of them.
    `history`: every commit. Raises NotAllowed for data without the right to export it.
    """
    found = node.projects.load(project)
    content = _content(
        node, found, uploads=uploads, inputs=inputs, datasets=datasets, folders=folders, models=models,
        evaluation_stores=evaluation_stores,
    )  # fmt: skip
    if content != BundleContent(only_required_versions=False):
        guards.require(node, Permission.EXPORT, project)
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder {target.parent}.", hint="Make it first, or choose another place.")
    place = target if target.suffix.lower() == ".zip" else target.with_name(f"{target.name}.zip")
    aside = place.with_name(f".{place.name}.{node.clock.new_id(8)}.new")
    work = node.bundles.work(project)
    try:
        members = _members(node, found, content, work)
        if history:
            node.versions.bundle(project, work / export.HISTORY)
            members[export.HISTORY] = work / export.HISTORY
        archive.write(aside, members)
        aside.replace(place)
    finally:
        aside.unlink(missing_ok=True)
        node.bundles.forget(work)
    with_ = [*content.datasets, *content.folders, *content.models, *content.evaluation_stores]
    audit.note(
        node, "project-export", project=project, by=by, content=", ".join(with_), history=history or None
    )
    return place


def forgets(
    node: Node, project: str, *, uploads: bool = False, inputs: bool = False, datasets: bool = False,
    folders: bool = False, models: bool = False,
) -> list[str]:  # fmt: skip
    """What people regret not to have put into an export like this: uploaded files, inputs that nothing makes, models
    that score; a sentence each."""
    found = node.projects.load(project)
    chosen = _content(
        node, found, uploads=uploads, inputs=inputs, datasets=datasets, folders=folders, models=models,
        evaluation_stores=False,
    )  # fmt: skip
    return packing.forgotten(found, chosen)


def take_in(
    node: Node, sources: Sequence[Path], *, key: str = "", connections: Sequence[str] = (), author: str
) -> Project:
    """Take in a project from one zip, with what data is in it. See `projects.add` for the rest."""
    with _one(sources).open("rb") as opened:
        return importing.from_zip(
            node, opened, key=key, filename=_one(sources).name, author=author, connections=connections
        )


def check(
    node: Node, sources: Sequence[Path], *, key: str = "", connections: Sequence[str] = ()
) -> ImportCheck:
    """What would be in the way of taking in a zip, or worth knowing before: a taken key, connections, plugins, code
    environments, files that cannot be read, data that is not in it. Nothing is taken in."""
    with _one(sources).open("rb") as opened:
        return checked(node, opened, key=key, filename=_one(sources).name, connections=connections)


def checked(
    node: Node, opened: IO[bytes], *, key: str = "", filename: str = "", connections: Sequence[str] = ()
) -> ImportCheck:
    """The same of a file that is open."""
    mapping = relocating.mapping(connections)
    with importing.opened(node, opened, key, filename) as folder:
        manifest = importing.manifest_of(folder)
        project, problems = node.projects.examine(folder, folder.name)
        told = manifest.told if manifest else _said(node, project)
        messages = [
            *_taken(node, project.key),
            *checking.connections(node, project, mapping, told.connections),
            *_plugins(node, told),
            *furnishing.messages(node, told, ActivationSettings(environment_mode="DO_NOTHING")),
            *checking.problems(told, project, problems),
            *(
                BundleMessage(severity="WARNING", code="WARN_EXPORT_WITHOUT_DATA", text=text)
                for text in packing.forgotten(project, told.content)
            ),
        ]
        return ImportCheck(
            key=project.key, title=project.settings.title, datasets=tuple(sorted(told.datasets)),
            models=tuple(name for name, facts in told.models.items() if facts.versions),
            has_history=(folder / ".git").is_dir(), messages=tuple(messages),
        )  # fmt: skip


def fill(node: Node, key: str, source: IO[bytes], *, by: str) -> None:
    """Put what data an export holds into the project that was just made of it."""
    work = node.bundles.work(key)
    try:
        zip_ = work / "export.zip"
        source.seek(0)
        with zip_.open("wb") as copied:
            shutil.copyfileobj(source, copied)
        memory = _unpacked(zip_, work)
        if memory is None:
            return
        told, remembered = memory
        project = node.projects.load(key)
        bringing.carry(bringing.parts(node, project, told, work), work, None)
        for name, facts in told.models.items():
            if facts.active in facts.versions:
                training.activate(node, key, name, facts.active, by=by)
        renaming.recall(node, key, remembered)
    finally:
        node.bundles.forget(work)


def _unpacked(path: Path, work: Path) -> tuple[BundleManifest, BuildMemory] | None:
    with archive.read(path, PACKED) as opened:
        if export.MANIFEST not in opened.names() or export.MEMORY not in opened.names():
            return None
        told = export.read_manifest(opened.content(export.MANIFEST)).told
        remembered = _memory(opened.content(export.MEMORY))
        for name in opened.names(export.DATA):
            opened.extract(name, work / name)
    return told, remembered


def _memory(data: bytes) -> BuildMemory:
    try:
        return MEMORIES.validate_json(data)
    except ValidationError as wrong:
        raise UnsafeArchive(f"{export.MEMORY} is no export's: {wrong.errors()[0]['msg']}") from wrong


def _members(node: Node, project: Project, content: BundleContent, work: Path) -> dict[str, archive.Source]:
    root = project.path
    files = {
        f"{project.key}/{file.relative_to(root).as_posix()}": file
        for file in sorted(root.rglob("*"))
        if not any(part.startswith(".") or part == "__pycache__" for part in file.relative_to(root).parts)
        and file.is_file() and not file.is_symlink()
    }  # fmt: skip
    packed = packing.data(node, project, content, work / "packing")
    told = _said(node, project).model_copy(
        update={"content": content, "datasets": packed.datasets, "models": packed.models}
    )
    manifest = ExportManifest(format=export.FORMAT, kind="export", project=project.key, told=told)
    brought = {*content.datasets, *content.folders, *content.models, *content.evaluation_stores}
    return {
        **files,
        **packed.members,
        export.MANIFEST: manifest.model_dump_json(indent=1).encode(),
        export.MEMORY: MEMORIES.dump_json(renaming.memory(node, project, brought)),
    }


def _said(node: Node, project: Project) -> BundleManifest:
    """What a project needs where it goes."""
    used: dict[str, list[str]] = {}
    for usage in installed.usages_in(project):
        used.setdefault(usage.kind.partition(".")[0], []).append(f"{usage.sort} {usage.name}")
    versions = {shown.name: shown.version for shown in installed.list_(node)}
    return BundleManifest(
        format=bundle.FORMAT, kind="bundle", bundle="export", project=project.key, title=project.settings.title,
        node=node.config.node_name, created_at=node.clock.now(), objects=packing.objects(project),
        environments=tuple(_environment(node, project, name) for name in environments.named(project)),
        plugins=tuple(PluginFacts(name=n, version=versions.get(n, ""), used_by=tuple(u)) for n, u in used.items()),
        connections=packing.connections(node, project),
    )  # fmt: skip


def _environment(node: Node, project: Project, name: str) -> EnvironmentFacts:
    """A code environment the project names; one that is not built here is known by its name only."""
    try:
        version = environments.version_for(node, name, project.key)
    except (NotReady, NotFound):
        return EnvironmentFacts(name=name)
    return EnvironmentFacts(
        name=name, version=version.python, requested=version.requested, actual=version.actual
    )


def _content(
    node: Node, project: Project, *, uploads: bool, inputs: bool, datasets: bool, folders: bool, models: bool,
    evaluation_stores: bool,
) -> BundleContent:  # fmt: skip
    wanted = duplicating.inputs(node, project) if inputs else BundleContent()
    rows = [name for name in project.datasets if duplicating.has_rows(node, project, name)]
    chosen = [
        name for name in rows
        if datasets or name in wanted.datasets or (uploads and project.datasets[name].kind_name() == "upload")
    ]  # fmt: skip
    ours = tuple(name for name in project.folders if project.folders[name].is_ours())
    return BundleContent(
        datasets=tuple(chosen), folders=ours if folders else wanted.folders,
        models=tuple(project.models) if models else (),
        evaluation_stores=tuple(project.evaluation_stores) if evaluation_stores else (),
        only_required_versions=False,
    )  # fmt: skip


def _taken(node: Node, key: str) -> list[BundleMessage]:
    if key not in node.projects.keys():  # noqa: SIM118  a port
        return []
    text = f"There is a project {key} already."
    return [
        BundleMessage(severity="FATAL", code="ERR_IMPORT_KEY_TAKEN", text=text, hint="Choose another key.")
    ]


def _plugins(node: Node, told: BundleManifest) -> list[BundleMessage]:
    """Plugins of another version, and those that are missing: without them files cannot be read."""
    here = {shown.name for shown in installed.list_(node)}
    found = checking.plugins(told)
    return [m if m.object in here else replace(m, severity="FATAL", hint="Install it first.") for m in found]


def _one(sources: Sequence[Path]) -> Path:
    if len(sources) != 1:
        raise Invalid("One project at a time, please.", hint="Send one zip file.")
    return sources[0]
