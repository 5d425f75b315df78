"""The takeover: a prepared bundle becomes the state of a project.

First a note of what is to be, in one atomic write: from then on it is done. Then each part, in an order in which what
may fail comes first, each so that doing it twice does no harm. A process that dies in the middle leaves the note;
whoever opens the home next finishes it. Before the note nothing has changed.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import access
from penstock.core.bundle import ActivationSettings, BundleManifest
from penstock.core.errors import BeingBuilt, Conflict, PenstockError
from penstock.core.project import Project
from penstock.deploy import packing
from penstock.deploy.checking import demoted
from penstock.deploy.preparing import DATA, PROJECT, Prepared
from penstock.runtime import audit, baseline, caller, contexts, evaluations, keeping, training

if TYPE_CHECKING:
    from penstock.core.node import Node

JOURNAL, ACTIVE = "journal", "active"
log = logging.getLogger(__name__)


def begin(node: Node, prepared: Prepared, *, by: str) -> None:
    """Carry out an activation. Raises BeingBuilt while a job writes what the bundle brings."""
    _check_free(node, prepared)
    note = _note(node, prepared, by=by)
    node.bundles.note(prepared.key, JOURNAL, note)
    try:
        _carry_out(node, prepared.key, note)
    except PenstockError:
        if _is_before_definitions(prepared.work):
            node.bundles.note(prepared.key, JOURNAL, None)
        raise


def resume(node: Node, project: str) -> bool:
    """Finish what a dead process began; False when a living one is about it, or when something it needs is away: the
    home opens all the same, and the next activation says what is missing."""
    try:
        with node.bundles.turn(project, wait=0), caller.by_itself():
            return finish_pending(node, project)
    except Conflict:
        return False
    except (PenstockError, OSError) as error:
        log.warning("The activation that was begun in %s is not finished yet: %s", project, error)
        return False


def finish_pending(node: Node, project: str) -> bool:
    """Whether something was left to be finished, and now is. For whoever has the turn."""
    note = node.bundles.record(project, JOURNAL)
    if note is None:
        return False
    with caller.by_itself():
        _carry_out(node, project, note)
        audit.note(node, "bundle-activate", project=project, object=f"bundle:{note['bundle']}", by=note["by"],
                   recovered=True)  # fmt: skip
    node.bundles.forget(node.bundles.folder(project, note["work"]))
    return True


def _note(node: Node, prepared: Prepared, *, by: str) -> dict[str, Any]:
    manifest = prepared.manifest
    active = {
        name: facts.active for name, facts in manifest.models.items()
        if facts.active in facts.versions and _takes_over(node, prepared, name)
    }  # fmt: skip
    return {
        "bundle": manifest.bundle, "by": by, "work": prepared.work.name, "is_new": prepared.is_new,
        "at": node.clock.now().isoformat(), "manifest": manifest.model_dump(mode="json"),
        "settings": prepared.settings.model_dump(mode="json"), "active_versions": active,
        "is_revert": prepared.is_revert, "switches": dict(prepared.switches or {}), "files": dict(prepared.files or {}),
        "warnings": [m.text for m in prepared.messages if m.severity == "WARNING"],
    }  # fmt: skip


def _takes_over(node: Node, prepared: Prepared, name: str) -> bool:
    """Whether the bundle's active version becomes active: unless one that was activated here is to stay."""
    here = node.models.active(prepared.key, name)
    stays = prepared.settings.keep_local_active_version and bool(here)
    return not stays or not _would_demote(node, prepared, name)


def _would_demote(node: Node, prepared: Prepared, name: str) -> bool:
    plain = prepared.settings.changed(keep_local_active_version=False)
    return demoted(node, prepared.key, name, prepared.manifest, plain)


def _carry_out(node: Node, key: str, note: Mapping[str, Any]) -> None:
    """Every part, in order; those that are done already are not done again."""
    work = node.bundles.folder(key, note["work"])
    manifest = BundleManifest.model_validate(note["manifest"])
    settings = ActivationSettings.model_validate(note["settings"])
    project, _ = node.projects.examine(work / PROJECT, key)
    for part in _data(node, project, manifest, work):
        part()
    (work / "definitions").touch()
    word = "Go back to bundle" if note["is_revert"] else "Activate bundle"
    node.projects.install(key, work / PROJECT, author=note["by"], message=f"{word} {note['bundle']}")
    if settings.local_variables is not None:
        _set_local(node, key, settings.local_variables, note["by"])
    for model, version in note["active_versions"].items():
        if node.models.active(key, model) != version:
            training.activate(node, key, model, version, by=note["by"])
    if note["is_new"]:
        _people(node, key, manifest, settings, note["by"])
    if not note["is_revert"]:
        node.bundles.note(key, ACTIVE, _active(key, note))
        node.bundles.note(key, "settings", None)
    if node.projects.load(key).scenarios:
        baseline.note(node, key)
    node.bundles.note(key, JOURNAL, None)


def _is_before_definitions(work: Path) -> bool:
    return not (work / "definitions").exists()


def _data(node: Node, project: Project, manifest: BundleManifest, work: Path) -> Iterator[Any]:
    """What the bundle brings beside definitions; rows that go to other machines first, as those may fail."""
    away = sorted(manifest.datasets, key=lambda n: not project.dataset(n).database())
    for name in away:
        source = work / DATA / "datasets" / name
        if manifest.datasets[name].form == "rows":
            yield _once(work, f"rows-{name}", lambda n=name, s=source: _rows(node, project, n, s))
        else:
            yield lambda n=name, s=source: _uploads(node, project.key, n, s)
    for name in manifest.content.folders:
        yield lambda n=name: _folder(node, project, n, work / DATA / "folders" / n)
    for model, facts in manifest.models.items():
        for version in facts.versions:
            yield lambda m=model, v=version: _version(node, project.key, m, v, work / DATA / "models" / m / v)
    for store in manifest.content.evaluation_stores:
        for folder in sorted((work / DATA / "stores" / store).glob("*")):
            yield lambda s=store, f=folder: _evaluation(node, project.key, s, f)


def _once(work: Path, name: str, part: Any) -> Any:
    def do() -> None:
        done = work / f"done-{name}"
        if not done.exists():
            part()
            done.touch()

    return do


def _rows(node: Node, project: Project, name: str, source: Path) -> None:
    """Rows of a managed dataset, as a new snapshot."""
    aside = source.with_name(f"{source.name}.moving")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(source, aside)
    draft = keeping.of(node, project, name).begin()
    with keeping.discarded(draft), node.engines.session(contexts.place_of(node, project, name)) as session:
        draft.write(session, aside)
        draft.finish(job="", keep=project.settings.snapshots_kept)


def _uploads(node: Node, key: str, name: str, source: Path) -> None:
    """Uploaded files, each whole; then those that the bundle does not have go."""
    root = node.data.uploads(key, name)
    wanted = {p.relative_to(source).as_posix(): p for p in source.rglob("*") if p.is_file()}
    for path, file in sorted(wanted.items()):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        node.data.put(file, root / path)
    for file in [p for p in root.rglob("*") if p.is_file() and not p.name.startswith(".")]:
        if file.relative_to(root).as_posix() not in wanted:
            file.unlink()


def _folder(node: Node, project: Project, name: str, source: Path) -> None:
    """The files of a managed folder, all of them at once."""
    place = contexts.folder_root(node, project, name)
    scratch = contexts.Scratch(node, f"bundle-{node.clock.new_id()}")
    staged = place.stage(scratch)
    try:
        shutil.rmtree(staged, ignore_errors=True)
        shutil.copytree(source, staged) if source.exists() else staged.mkdir()
        place.finish(staged)
    finally:
        place.discard(staged)
        scratch.remove()


def _version(node: Node, key: str, model: str, id: str, source: Path) -> None:
    """A version of a model beside those that are here; one that is here already is the same one."""
    if any(version.id == id for version in node.models.versions(key, model)):
        return
    told = packing.VERSIONS.validate_json((source / packing.VERSION).read_bytes())
    node.models.add(replace(told, project=key, model=model, id=id), source / "files", activate=False)


def _evaluation(node: Node, key: str, store: str, source: Path) -> None:
    """An evaluation beside those that are here; one with its id is replaced."""
    told = packing.EVALUATIONS.validate_json((source / packing.FACTS).read_bytes())
    sample = source / packing.SAMPLE
    evaluations.keep(
        node, replace(told, project=key, store=store), detail=json.loads((source / packing.DETAIL).read_bytes()),
        sample=sample if sample.exists() else None, origin="api",
    )  # fmt: skip


def _set_local(node: Node, key: str, values: Mapping[str, Any], by: str) -> None:
    there = node.projects.load(key).local_variables
    gone = [name for name in there if name not in values]
    node.projects.set_variables(key, values, author=by, local=True, remove=gone)


def _people(node: Node, key: str, manifest: BundleManifest, settings: ActivationSettings, by: str) -> None:
    """The owner, and the rights that are taken over: of groups and people this node knows."""
    people = access.People(project=key, owner=by)
    if settings.permissions != "NONE":
        known = {user.login for user in node.users.all()}, {group.name for group in node.users.groups()}
        users, groups = (
            _grants(manifest.people.get(sort), among, settings.permissions)
            for sort, among in zip(("users", "groups"), known, strict=True)
        )
        people = replace(people, users=users, groups=groups)
    node.users.save_people(people)


def _grants(told: Any, known: set[str], how: str) -> dict[str, frozenset[access.Permission]]:
    found: dict[str, frozenset[access.Permission]] = {}
    for holder, words in (told or {}).items() if isinstance(told, Mapping) else ():
        if holder in known:
            rights = {access.Permission(word) for word in words if word in set(access.GRANTABLE)}
            read_only = {access.Permission.READ, access.Permission.RUN}
            found[holder] = frozenset(rights if how == "ALL" else read_only if rights else set())
    return {holder: rights for holder, rights in found.items() if rights}


def _active(key: str, note: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "project": key, "bundle": note["bundle"], "activated_at": note["at"], "by": note["by"],
        "settings": note["settings"], "warnings": note["warnings"], "switches": note["switches"],
        "files": note["files"],
    }  # fmt: skip


def _check_free(node: Node, prepared: Prepared) -> None:
    """Raise BeingBuilt while a job writes what the bundle brings."""
    manifest = prepared.manifest
    items = [
        *manifest.datasets,
        *manifest.content.folders,
        *(m for m, f in manifest.models.items() if f.versions),
    ]
    if prepared.is_new or not items:
        return
    asker = f"activation-{node.clock.new_id()}"
    blocked = node.runs.claim(prepared.key, items, asker)
    node.runs.release(asker)
    if blocked:
        item, job = next(iter(blocked.items()))
        raise BeingBuilt(
            f"'{item}' is being built by job {job}.", hint="Activate the bundle when it has ended."
        )
