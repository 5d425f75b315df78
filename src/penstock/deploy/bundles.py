"""Bundles on the node that designs: make, list, look at, compare, delete, go back to. The other side: `incoming`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core import bundle, bundle_diff, secret_scan, signing
from penstock.core.bundle import BundleContent, BundleManifest, CommitFacts, Side, check_bundle_id, next_id
from penstock.core.bundle_diff import BundleComparison
from penstock.core.errors import Conflict
from penstock.core.project import SETTINGS_FILE
from penstock.deploy import furnishing, packing
from penstock.runtime import audit, standards

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

TAG = "bundle/"
MOST_COMMITS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSummary:
    """A bundle in a list."""

    bundle: str
    project: str
    created_at: datetime
    created_by: str
    commit: str
    tag: str
    notes: str
    previous: str
    node: str
    bytes: int
    datasets: tuple[str, ...]
    models: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentChoice:
    """What can go into bundles beside the definitions, what was chosen, and what that forgets."""

    content: BundleContent
    datasets: tuple[str, ...]
    models: tuple[str, ...]
    folders: tuple[str, ...]
    evaluation_stores: tuple[str, ...]
    warnings: tuple[str, ...]


def create(
    node: Node, project: str, id: str, *, by: str, notes: str = "", content: Mapping[str, object] | None = None,
    unique: bool = False,
) -> BundleSummary:  # fmt: skip
    """Freeze a project as it is now: its definitions, and the data that was chosen, signed by this node.

    `content` is remembered for the next ones; without it the remembered one counts. With `unique` the id is a
    beginning, and the next free number is put behind it. Raises Conflict for an id that is taken, InvalidDefinition
    while a file is broken, Refused, naming file and line, when there is a secret in it; nothing is made then.
    """
    taken = node.bundles.listed(project, "made")
    chosen = next_id(id, taken) if unique else check_bundle_id(id)
    _check_free(project, chosen, taken)
    if content is not None:
        choose(node, project, content, by=by)
    with audit.noted(node, "bundle-create", project=project, by=by) as facts, _work(node, project) as work:
        made = _made(node, project, chosen, work, notes=notes, by=by)
        with node.bundles.turn(project):
            if unique:
                made = _unique(node, project, made, id, work)
            _check_free(project, made.bundle, node.bundles.listed(project, "made"))
            node.projects.tag(project, made.tag, made.commit)
            kept = node.bundles.keep(project, "made", made.bundle, work / "bundle.zip")
        facts["object"] = f"bundle:{made.bundle}"
    return _summary(made, kept)


def choices(node: Node, project: str) -> ContentChoice:
    """What may go into bundles of a project, and what is remembered."""
    loaded = node.projects.load(project)
    content = _still_there(loaded, loaded.settings.bundle)
    return ContentChoice(
        content=content, datasets=tuple(sorted(n for n in loaded.datasets if packing.can_travel(loaded, n))),
        models=tuple(sorted(loaded.models)), folders=tuple(sorted(loaded.folders)),
        evaluation_stores=tuple(sorted(loaded.evaluation_stores)),
        warnings=tuple(packing.forgotten(loaded, content)),
    )  # fmt: skip


def choose(node: Node, project: str, content: Mapping[str, object], *, by: str) -> ContentChoice:
    """Remember what goes into bundles beside the definitions. Raises NotFound, InvalidDefinition, Refused."""
    from penstock.core import registry

    loaded = node.projects.load(project)
    wanted = registry.validate(BundleContent, content)
    packing.check_content(loaded, wanted)
    if wanted != loaded.settings.bundle:
        node.projects.save(
            project, {SETTINGS_FILE: loaded.settings.changed(bundle=wanted)}, author=by,
            message="Choose what goes into bundles",
        )  # fmt: skip
    return choices(node, project)


def made(node: Node, project: str) -> list[BundleSummary]:
    """The bundles made here, newest first."""
    node.projects.path(project)
    ids = node.bundles.listed(project, "made")
    return [summary_of(node.bundles.path(project, "made", id)) for id in reversed(ids)]


def manifest(node: Node, project: str, bundle: str) -> BundleManifest:
    """What a bundle that was made here says of itself. Raises NotFound."""
    return read(node.bundles.path(project, "made", bundle))


def archive(node: Node, project: str, bundle: str) -> Path:
    """A bundle that was made here, as the zip that any node takes which trusts this one. Raises NotFound."""
    return node.bundles.path(project, "made", bundle)


def compare(node: Node, project: str, bundle: str, other: str = "") -> BundleComparison:
    """How a bundle differs from another one, from the one before it unless told: objects, packages, models."""
    return compared(node, project, "made", bundle, other)


def since(node: Node, project: str) -> BundleComparison:
    """What a bundle made now would hold that the last one does not: objects and saves."""
    ids = node.bundles.listed(project, "made")
    loaded = node.projects.load(project)
    older = node.bundles.path(project, "made", ids[-1]) if ids else None
    told = read(older) if older else None
    head = node.projects.history(project, limit=1)
    files = node.projects.files_at(project, head[0].id)
    now = BundleManifest(
        format=bundle.FORMAT, kind="bundle", bundle="now", project=project, created_at=node.clock.now(),
        models=_models(node, loaded),
        environments=tuple(furnishing.facts(node, loaded)), commits=_commits(node, project, told),
    )  # fmt: skip
    return bundle_diff.compare(told, now, project_files(older) if older else {}, files)


def delete(node: Node, project: str, bundle: str, *, by: str) -> None:
    """Remove a bundle here. What was published of it stays. Raises NotFound."""
    node.bundles.delete(project, "made", bundle)
    audit.note(node, "bundle-delete", project=project, object=f"bundle:{bundle}", by=by)


def next_name(node: Node, project: str) -> str:
    """The id to propose for the next bundle: `v3` after `v2`, `v1` for the first."""
    ids = node.bundles.listed(project, "made")
    stem = ids[-1].rstrip("0123456789") if ids else "v"
    return next_id(stem, [*ids, stem]) if stem else f"{int(ids[-1]) + 1}"


def compared(node: Node, project: str, side: Side, id: str, other: str = "") -> BundleComparison:
    """`compare`, on either side."""
    newer = node.bundles.path(project, side, id)
    told = read(newer)
    known = node.bundles.listed(project, side)
    before = other or (told.previous if told.previous in known else "")
    older = node.bundles.path(project, side, before) if before else None
    return bundle_diff.compare(
        read(older) if older else None, told, project_files(older) if older else {}, project_files(newer)
    )


def read(path: Path) -> BundleManifest:
    """The manifest of an archive of this home."""
    seen = path.stat()
    return _read(path, seen.st_mtime_ns, seen.st_size)


def project_files(path: Path) -> dict[str, bytes]:
    """The files of the project in an archive."""
    from penstock.core import archive as zips

    with zips.read(path) as opened:
        names = opened.names(bundle.PROJECT)
        return {name.removeprefix(bundle.PROJECT): opened.content(name) for name in names}


def summary_of(path: Path) -> BundleSummary:
    """An archive as a line of a list."""
    return _summary(read(path), path)


@contextmanager
def _work(node: Node, project: str) -> Iterator[Path]:
    work = node.bundles.work(project)
    try:
        yield work
    finally:
        node.bundles.forget(work)


def _made(node: Node, project: str, id: str, work: Path, *, notes: str, by: str) -> BundleManifest:
    """The archive, written into `work`."""
    node.projects.commit(project, author=by, message=f"Edited by hand before bundle {id}")
    loaded = node.projects.load(project)
    loaded.check_files()
    content = _still_there(loaded, loaded.settings.bundle)
    packing.check_content(loaded, content)
    commit = node.projects.history(project, limit=1)[0].id
    files = node.projects.files_at(project, commit)
    packed = packing.pack(node, loaded, content, files, work)
    secret_scan.check(_scanned(files, packed), node.secrets.mask)
    told = _manifest(node, loaded, id, files, packed, content).changed(
        notes=notes, created_by=by, commit=commit
    )
    signing.write_signed(
        work / "bundle.zip", told.model_dump(mode="json"), packed.members, node.node_keys.sign
    )
    return told


def _manifest(
    node: Node, project: Project, id: str, files: Mapping[str, bytes], packed: packing.Packed, content: BundleContent
) -> BundleManifest:  # fmt: skip
    ids = node.bundles.listed(project.key, "made")
    previous = read(node.bundles.path(project.key, "made", ids[-1])) if ids else None
    return BundleManifest(
        format=bundle.FORMAT, kind="bundle", bundle=id, project=project.key, title=project.settings.title,
        node=node.node_keys.own().node, node_url=node.config.base_url, created_at=node.clock.now(),
        tag=f"{TAG}{id}", previous=previous.bundle if previous else "", penstock=version("penstock"),
        objects=packing.objects(project), content=content, datasets=packed.datasets, models=packed.models,
        environments=tuple(furnishing.facts(node, project)), plugins=packing.plugins(files),
        connections=packing.connections(node, project), foreign=tuple(sorted(_foreign(project))),
        commits=_commits(node, project.key, previous), people=_people(node, project.key),
        standards=standards.judge(node, project.key).facts(),
        warnings=tuple(packing.forgotten(project, content)),
    )  # fmt: skip


def _unique(node: Node, project: str, made: BundleManifest, base: str, work: Path) -> BundleManifest:
    """The same bundle under the next number, when somebody took the one it had meanwhile."""
    taken = node.bundles.listed(project, "made")
    if made.bundle not in taken:
        return made
    id = next_id(base, taken)
    other = made.changed(bundle=id, tag=f"{TAG}{id}")
    with signing.open_signed(work / "bundle.zip", node.node_keys.verify) as opened:
        opened.extract(work / "again")
    found = {p.relative_to(work / "again").as_posix(): p for p in (work / "again").rglob("*") if p.is_file()}
    (work / "bundle.zip").unlink()
    signing.write_signed(work / "bundle.zip", other.model_dump(mode="json"), found, node.node_keys.sign)
    shutil.rmtree(work / "again")
    return other


def _check_free(project: str, id: str, taken: list[str]) -> None:
    if id.lower() in {other.lower() for other in taken}:
        raise Conflict(
            f"There is a bundle '{id}' of {project} already; it is as it was.", hint="Choose another id."
        )


def _still_there(project: Project, content: BundleContent) -> BundleContent:
    """The remembered choice without objects that were deleted since."""
    return content.changed(
        datasets=[n for n in content.datasets if n in project.datasets],
        models=[n for n in content.models if n in project.models],
        folders=[n for n in content.folders if n in project.folders],
        evaluation_stores=[n for n in content.evaluation_stores if n in project.evaluation_stores],
    )


def _scanned(files: Mapping[str, bytes], packed: packing.Packed) -> dict[str, bytes]:
    """What is looked at for secrets: every file of the project, and small files of folders."""
    small = {
        name: source.read_bytes() for name, source in packed.members.items()
        if name.startswith(bundle.DIRECTORIES) and isinstance(source, Path) and source.stat().st_size < 1 << 20
    }  # fmt: skip
    return {**files, **small}


def _commits(node: Node, project: str, previous: BundleManifest | None) -> tuple[CommitFacts, ...]:
    """The saves since the bundle before, newest first."""
    found = []
    for revision in node.projects.history(project, limit=MOST_COMMITS):
        if previous is not None and revision.id == previous.commit:
            break
        found.append(
            CommitFacts(id=revision.id, author=revision.author, time=revision.time, message=revision.message)
        )
    return tuple(found)


def _models(node: Node, project: Project) -> dict[str, bundle.ModelFacts]:
    found = {}
    for name in project.models:
        active = node.models.active(project.key, name)
        told = node.models.version(project.key, name, active) if active else None
        found[name] = bundle.ModelFacts(
            active=active, name=told.name if told else "", algorithm=told.algorithm if told else "",
            metrics=dict(told.metrics) if told else {},
        )  # fmt: skip
    return found


def _people(node: Node, project: str) -> dict[str, object]:
    people = node.users.people(project)
    grants = {
        "users": {login: sorted(rights) for login, rights in people.users.items()},
        "groups": {name: sorted(rights) for name, rights in people.groups.items()},
    }
    return {"owner": people.owner, **grants}


def _foreign(project: Project) -> set[str]:
    return {name for recipe in project.recipes.values() for name in recipe.reads if name in project.foreign}


def _summary(told: BundleManifest, path: Path) -> BundleSummary:
    return BundleSummary(
        bundle=told.bundle, project=told.project, created_at=told.created_at, created_by=told.created_by,
        commit=told.commit, tag=told.tag, notes=told.notes, previous=told.previous, node=told.node,
        bytes=path.stat().st_size, datasets=tuple(sorted(told.datasets)),
        models=tuple(sorted(name for name, m in told.models.items() if m.versions)), warnings=told.warnings,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _read(path: Path, stamp: int, size: int) -> BundleManifest:
    return bundle.read_manifest(path)
