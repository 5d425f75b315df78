"""The takeover: a prepared bundle becomes the state of a project.

First a note of what is to be, in one atomic write: from then on it is done. Then each part, in an order in which what
may fail comes first, each so that doing it twice does no harm. A process that dies in the middle leaves the note;
whoever opens the home next finishes it. Before the note nothing has changed. An error in the middle of data or
definitions takes back what came before it; what comes after them is finished by whoever comes next.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from penstock.core import access
from penstock.core.bundle import ActivationSettings, BundleManifest
from penstock.core.errors import Conflict, PenstockError
from penstock.deploy import bringing, furnishing
from penstock.deploy.checking import demoted
from penstock.deploy.preparing import PROJECT, Prepared
from penstock.runtime import audit, baseline, caller, holding, training

if TYPE_CHECKING:
    from penstock.core.node import Node

JOURNAL, ACTIVE = "journal", "active"
log = logging.getLogger(__name__)


def begin(node: Node, prepared: Prepared, *, by: str) -> None:
    """Carry out an activation. Raises BeingBuilt while a job writes what the bundle brings."""
    _check_free(node, prepared)
    note = _note(node, prepared, by=by)
    node.bundles.note(prepared.key, JOURNAL, note)
    with bringing.Undoing(after=lambda: node.bundles.note(prepared.key, JOURNAL, None)) as undoing:
        _replace(node, prepared.key, note, undoing)
    _settle(node, prepared.key, note)


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
        "environments": furnishing.chosen(node, prepared.key, manifest, prepared.settings),
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
    """Every part, in order; those that are done already are not done again. What was there is not known any more, so
    nothing is undone."""
    _replace(node, key, note, None)
    _settle(node, key, note)


def _replace(node: Node, key: str, note: Mapping[str, Any], undoing: bringing.Undoing | None) -> None:
    """The data that the bundle brings, then its definitions."""
    work = node.bundles.folder(key, note["work"])
    manifest = BundleManifest.model_validate(note["manifest"])
    project, _ = node.projects.examine(work / PROJECT, key)
    bringing.carry(bringing.parts(node, project, manifest, work), work, undoing)
    word = "Go back to bundle" if note["is_revert"] else "Activate bundle"
    node.projects.install(key, work / PROJECT, author=note["by"], message=f"{word} {note['bundle']}")


def _settle(node: Node, key: str, note: Mapping[str, Any]) -> None:
    """What goes with the definitions that are there now: variables, active versions, people, what is active."""
    settings = ActivationSettings.model_validate(note["settings"])
    if settings.local_variables is not None:
        _set_local(node, key, settings.local_variables, note["by"])
    for model, version in note["active_versions"].items():
        if node.models.active(key, model) != version:
            training.activate(node, key, model, version, by=note["by"])
    if note["is_new"]:
        _people(node, key, BundleManifest.model_validate(note["manifest"]), settings, note["by"])
    if not note["is_revert"]:
        node.bundles.note(key, ACTIVE, _active(key, note))
        node.bundles.note(key, "settings", None)
    if node.projects.load(key).scenarios:
        baseline.note(node, key)
    node.bundles.note(key, JOURNAL, None)


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
        "files": note["files"], "environments": note.get("environments", {}),
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
    holding.check_free(node, prepared.key, items, verb="Activate the bundle")
