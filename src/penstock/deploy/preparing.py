"""Preparing an activation: the project as it will be, in a folder aside, with what there is to know before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import bundle, signing
from penstock.core.bundle import ActivationSettings, ActiveBundle, BundleManifest, BundleMessage
from penstock.core.project import FOLDERS, file_of
from penstock.deploy import checking, furnishing
from penstock.runtime import relocating

if TYPE_CHECKING:
    from penstock.core.kind import Definition
    from penstock.core.node import Node
    from penstock.core.project import Project

PROJECT, DATA = "project", "data"
SCENARIOS = FOLDERS["scenario"] + "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything an activation needs, checked."""

    key: str
    work: Path
    """`project/`, the files as they will be, and `data/`, as in the archive."""
    manifest: BundleManifest
    settings: ActivationSettings
    project: Project
    messages: tuple[BundleMessage, ...]
    is_new: bool
    is_revert: bool = False
    switches: Mapping[str, bool] | None = None
    files: Mapping[str, str] | None = None
    """File that came with the bundle → sha256 as it was installed."""


def prepare(
    node: Node, key: str, path: Path, work: Path, settings: ActivationSettings, before: ActiveBundle | None
) -> Prepared:
    """Unpack a bundle into a folder aside, change what is different here, and look at what comes of it."""
    is_new = key not in node.projects.keys()  # noqa: SIM118  a port
    now = None if is_new else node.projects.load(key)
    manifest = _unpacked(node, path, work)
    came = _hashes(work / PROJECT)
    messages = [] if now is None else list(checking.changed_here(node, now, before, came))
    _bring_along(now, before, work / PROJECT, came)
    switched, remembered = _switches(work, key, node, now, before, settings)

    def change(project: Project) -> Mapping[str, Definition]:
        messages.extend(checking.connections(node, project, settings.connections, manifest.connections))
        changed = dict(relocating.remapped(project, settings.connections))
        return changed | _scenarios(project, changed, switched, settings.run_as, came)

    project, problems = node.projects.examine(work / PROJECT, key, change)
    messages += checking.problems(manifest, project, problems)
    messages += checking.plugins(manifest)
    messages += checking.models(node, key, manifest, settings)
    messages += list(furnishing.messages(node, manifest, settings))
    messages += checking.switches(is_new, switched, settings)
    return Prepared(
        key=key, work=work, manifest=manifest, settings=settings, project=project, messages=tuple(messages),
        is_new=is_new, switches=remembered, files={f: h for f, h in _hashes(work / PROJECT).items() if f in came},
    )  # fmt: skip


def prepare_revert(node: Node, key: str, path: Path, work: Path) -> Prepared:
    """The same for a project that goes back to a bundle of its own: nothing is different here."""
    manifest = _unpacked(node, path, work)
    project, problems = node.projects.examine(work / PROJECT, key)
    messages = tuple(checking.problems(manifest, project, problems))
    return Prepared(
        key=key, work=work, manifest=manifest, settings=ActivationSettings(), project=project, messages=messages,
        is_new=False, is_revert=True,
    )  # fmt: skip


def _unpacked(node: Node, path: Path, work: Path) -> BundleManifest:
    """Every member that is used, each checked once more: the archive lay on a disk since it came."""
    with signing.open_signed(path, node.node_keys.verify) as opened:
        opened.extract(work / PROJECT, under=bundle.PROJECT)
        opened.extract(work / DATA, under="data/")
        return bundle.manifest_of(opened.manifest)


def _bring_along(
    now: Project | None, before: ActiveBundle | None, target: Path, came: Mapping[str, str]
) -> None:
    """Scenarios that people made on this node stay: put them beside what came."""
    if now is None:
        return
    of_bundles = set(before.files) if before else set()
    for file in sorted((now.path / "scenarios").glob("*")):
        name = f"{SCENARIOS}{file.name}"
        if file.is_file() and not file.is_symlink() and name not in {*of_bundles, *came}:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(file.read_bytes())


def _switches(
    work: Path, key: str, node: Node, now: Project | None, before: ActiveBundle | None, settings: ActivationSettings
) -> tuple[dict[str, bool], dict[str, bool]]:  # fmt: skip
    """Which scenarios of the bundle have their triggers on: as people chose here, unless the settings say."""
    names = [p.stem for p in sorted((work / PROJECT / "scenarios").glob("*.yaml"))]
    remembered = dict(before.switches or {}) if before else {}
    was_silenced = before.settings.triggers_off if before else False
    for name, scenario in (now.scenarios if now else {}).items():
        if scenario.active or not was_silenced:
            remembered[name] = scenario.active
    return bundle.switched(names, settings, remembered)


def _scenarios(
    project: Project, changed: Mapping[str, Any], switched: Mapping[str, bool], run_as: str, came: Mapping[str, str]
) -> dict[str, Definition]:  # fmt: skip
    """Scenarios with their switch as it is to be, and with whom they run as."""
    found: dict[str, Definition] = {}
    for name, scenario in project.scenarios.items():
        file = file_of("scenario", name)
        wanted = (changed.get(file) or scenario).changed(active=switched.get(name, False))
        if run_as and file in came:
            wanted = wanted.changed(run_as=run_as)
        if wanted != scenario:
            found[file] = wanted
    return found


def _hashes(folder: Path) -> dict[str, str]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
