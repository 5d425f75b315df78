"""What there is to know before a bundle is activated: one message a thing, with a code that stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from penstock.core.bundle import (
    ActivationSettings,
    ActiveBundle,
    BundleManifest,
    BundleMessage,
    Severity,
)
from penstock.core.bundle_diff import object_of
from penstock.core.counting import counted
from penstock.core.errors import (
    ConnectionMissing,
    ConnectionNotAllowed,
    ConnectionNotWritable,
    ConnectionTypeDiffers,
    ConnectionWrongType,
    InvalidDefinition,
    PenstockError,
)
from penstock.core.project import FOLDERS, SETTINGS_FILE
from penstock.deploy import bundles
from penstock.runtime import relocating

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

CONNECTION_CODES: Mapping[type[PenstockError], tuple[Severity, str]] = {
    ConnectionMissing: ("FATAL", "ERR_BUNDLE_ACTIVATE_MISSING_CONNECTION"),
    ConnectionWrongType: ("ERROR", "ERR_BUNDLE_ACTIVATE_BAD_CONNECTION_TYPE"),
    ConnectionTypeDiffers: ("ERROR", "ERR_BUNDLE_ACTIVATE_CONNECTION_TYPE_DIFFERS"),
    ConnectionNotAllowed: ("ERROR", "ERR_BUNDLE_ACTIVATE_BAD_CONNECTION_PERMISSIONS"),
    ConnectionNotWritable: ("ERROR", "ERR_BUNDLE_ACTIVATE_CONNECTION_NOT_WRITABLE"),
}
Messages = Iterator[BundleMessage]


def connections(
    node: Node, project: Project, mapping: Mapping[str, str], types: Mapping[str, str]
) -> Messages:
    """Connections that are missing here, of another type, not for this person, or not writable."""
    for problem in relocating.problems(node, project, mapping, types):
        severity, code = CONNECTION_CODES[type(problem)]
        yield BundleMessage(severity=severity, code=code, text=problem.message, hint=problem.hint)


def problems(manifest: BundleManifest, project: Project, found: Sequence[InvalidDefinition]) -> Messages:
    """Files that cannot be read here: fatal, unless a plugin that is missing explains it; and what else is amiss."""
    away = {file for plugin in manifest.plugins if not _is_here(plugin.name) for file in plugin.used_by}
    unreadable = {problem.file for problem in project.problems}
    for problem in found:
        if problem.file in unreadable and problem.file in away:
            continue
        yield _problem(problem, manifest, is_fatal=problem.file in unreadable)


def plugins(manifest: BundleManifest) -> Messages:
    """Plugins the project uses that are missing here, or of another version; no others."""
    for plugin in manifest.plugins:
        here, users = _version(plugin.name), ", ".join(plugin.used_by)
        if here is None:
            text = f"Plugin {plugin.name} {plugin.version} is not installed here; {users} need it."
        elif here != plugin.version:
            text = f"Plugin {plugin.name} is {here} here and was {plugin.version} there; {users} use it."
        else:
            continue
        yield BundleMessage(severity="WARNING", code="WARN_BUNDLE_PLUGIN", text=text, object=plugin.name)


def models(node: Node, key: str, manifest: BundleManifest, settings: ActivationSettings) -> Messages:
    """Models without an active version afterwards, and versions of this node that make way for the bundle's."""
    for name, facts in manifest.models.items():
        here = node.models.active(key, name)
        if facts.active not in facts.versions and not here:
            text = f"Model {name} will have no active version here, so nothing can score with it."
            hint = "Put the model into the bundle, or train it on this node."
            yield BundleMessage(
                severity="WARNING",
                code="WARN_BUNDLE_MODEL_NO_ACTIVE_VERSION",
                text=text,
                hint=hint,
                object=name,
            )
        elif demoted(node, key, name, manifest, settings):
            told = node.models.version(key, name, here)
            own = f"{told.name or here} ({here})"
            text = f"Model {name}: production version {own} replaced by bundle version {facts.active}."
            yield BundleMessage(severity="WARNING", code="WARN_BUNDLE_MODEL_DEMOTED", text=text, object=name)


def demoted(node: Node, key: str, name: str, manifest: BundleManifest, settings: ActivationSettings) -> bool:
    """Whether a version that was made on this node stops being the active one."""
    facts, here = manifest.models[name], node.models.active(key, name)
    if (
        not here
        or here == facts.active
        or facts.active not in facts.versions
        or settings.keep_local_active_version
    ):
        return False
    return _is_own(node, key, name, here)


def _is_own(node: Node, key: str, name: str, version: str) -> bool:
    """Whether a version came with no bundle."""
    ids = node.bundles.listed(key, "received")
    told = (bundles.read(node.bundles.path(key, "received", id)).models.get(name) for id in ids)
    return not any(facts and version in facts.versions for facts in told)


def switches(is_new: bool, switched: Mapping[str, bool], settings: ActivationSettings) -> Messages:
    """That a project which is new here starts nothing by itself."""
    off = [name for name, on in switched.items() if not on]
    if is_new and off and not settings.triggers_off:
        text = f"The triggers of {counted(len(off), 'scenario')} are off, as the project is new here: {', '.join(off)}."
        yield BundleMessage(severity="INFO", code="INFO_BUNDLE_TRIGGERS_OFF", text=text)


def changed_here(node: Node, now: Project, before: ActiveBundle | None, came: Mapping[str, str]) -> Messages:
    """What people changed or made on this node that makes way: scenarios of their own with a warning, else told."""
    known = before.files if before else {}
    scenarios = FOLDERS["scenario"] + "/"
    for file in sorted(came):
        path = now.path / file
        if not path.is_file():
            continue
        sort, name = object_of(file)
        if file.startswith(scenarios) and file not in known and file.endswith(".yaml"):
            text = (
                f"Scenario {name} was made on this node; the bundle has one of that name, which replaces it."
            )
            yield BundleMessage(
                severity="WARNING", code="WARN_BUNDLE_SCENARIO_REPLACED", text=text, object=name
            )
        elif file in known and file != SETTINGS_FILE and _is_edited(path.read_bytes(), known[file], file):
            text = f"{sort.capitalize()} {name} was changed on this node; the bundle's takes its place."
            yield BundleMessage(severity="INFO", code="INFO_BUNDLE_CHANGED_HERE", text=text, object=name)


def _is_edited(data: bytes, known: str, file: str) -> bool:
    """Switching a scenario on or off is no edit."""
    return not file.startswith(FOLDERS["scenario"]) and hashlib.sha256(data).hexdigest() != known


def _problem(problem: InvalidDefinition, manifest: BundleManifest, *, is_fatal: bool) -> BundleMessage:
    shared = next((name for name in manifest.foreign if f"'{name}'" in str(problem)), "")
    if shared:
        return BundleMessage(
            severity="WARNING", code="WARN_BUNDLE_SHARED_MISSING", text=str(problem), object=shared,
            hint=f"Activate a bundle of project {shared.partition('.')[0]} here first.",
        )  # fmt: skip
    code = "ERR_BUNDLE_ACTIVATE_UNREADABLE" if is_fatal else "WARN_BUNDLE_PROBLEM"
    return BundleMessage(
        severity="FATAL" if is_fatal else "WARNING", code=code, text=str(problem), object=problem.file
    )


def _is_here(plugin: str) -> bool:
    return _version(plugin) is not None


def _version(plugin: str) -> str | None:
    points = entry_points(group="penstock.plugins", name=plugin)
    return next((point.dist.version if point.dist else "" for point in points), None)
