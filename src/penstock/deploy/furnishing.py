"""Code environments of bundles: what goes along; on the other node, the version that fits, built when there is none.

Versions stay: an older bundle that becomes active again finds the one it had.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core import bundle, environment, signing
from penstock.core.archive import Source
from penstock.core.bundle import ActivationSettings, BundleManifest, BundleMessage, EnvironmentFacts
from penstock.core.environment import BUILTIN, EnvironmentDefinition, EnvironmentVersion
from penstock.core.errors import PenstockError
from penstock.runtime import code_environment, environment_builds, environments

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

MISSING, OTHER, FAILED = (
    "ERR_CODEENV_MISSING_ENV",
    "ERR_CODEENV_MISSING_ENV_VERSION",
    "ERR_CODEENV_BUILD_FAILED",
)
WHEELS = "wheels/"


def facts(node: Node, project: Project) -> list[EnvironmentFacts]:
    """The environments that code of a project runs in, the node's own first. Raises NotReady for one that is not
    built."""
    return [builtin(node), *(_facts(node, project, name) for name in environments.named(project))]


def builtin(node: Node) -> EnvironmentFacts:
    """The node's own Python."""
    shown = code_environment.show(node)
    actual = tuple(f"{p.name}=={p.version}" for p in shown.packages)
    return EnvironmentFacts(name=BUILTIN, version=shown.python, actual=actual)


def members(node: Node, project: Project, *, wheelhouse: bool) -> dict[str, Source]:
    """What a bundle holds of them: the lists, and the wheels when they go along."""
    found: dict[str, Source] = {}
    for told in facts(node, project):
        place = place_of(told)
        found |= {
            place + "desc.json": told.model_dump_json(indent=1).encode(),
            place + "spec/requirements.txt": environment.requirements(told.requested).encode(),
            place + "actual/requirements.txt": environment.requirements(told.actual).encode(),
        }
        if wheelhouse and told.name != BUILTIN:
            version = environments.version_for(node, told.name, project.key)
            local = environments.local_name(node, project.key, told.name)
            found |= {place + WHEELS + w.name: w for w in node.environments.wheels(local, version.id)}
    return found


def place_of(told: EnvironmentFacts) -> str:
    """Where an environment stands in a bundle."""
    return f"{bundle.ENVIRONMENTS}{told.language}/{told.name}/"


def messages(node: Node, manifest: BundleManifest, settings: ActivationSettings) -> Iterator[BundleMessage]:
    """Code environments that are not here as they were there; those that will be built are told, no more."""
    for wanted in manifest.environments:
        name = settings.environments.get(wanted.name, wanted.name)
        if wanted.name == BUILTIN and name == BUILTIN:
            if told := _differs(wanted, builtin(node), settings):
                yield _message(told, OTHER, name, settings, can_build=False)
        elif name not in environments.names(node):
            yield _message(f"Code environment {name} is not here.", MISSING, name, settings)
        elif name != BUILTIN and fitting(node, name, wanted, settings) is None:
            told = f"Code environment {name} has no version with what the bundle needs."
            yield _message(told, OTHER, name, settings)


def furnish(
    node: Node, key: str, path: Path, manifest: BundleManifest, settings: ActivationSettings
) -> list[BundleMessage]:
    """Have a version of every environment that a bundle needs: build what is missing, when the settings say so. What
    went wrong is told; what is there already is noted as the bundle's, so that it stays."""
    found: list[BundleMessage] = []
    for wanted in manifest.environments:
        name = settings.environments.get(wanted.name, wanted.name)
        if name == BUILTIN:
            continue
        mark = f"{key}/{manifest.bundle}"
        version = fitting(node, name, wanted, settings, mark)
        if version is not None:
            _mark(node, name, version, mark)
        elif settings.environment_mode == "INSTALL_IF_MISS":
            found.append(
                _build(node, name, wanted, path, mark, pinned=settings.environment_match == "ACTUAL")
            )
    return found


def chosen(
    node: Node, key: str, manifest: BundleManifest, settings: ActivationSettings
) -> dict[str, dict[str, str]]:
    """Environment that a bundle names → its name and version here, as far as there is one."""
    told: dict[str, dict[str, str]] = {}
    for wanted in manifest.environments:
        name = settings.environments.get(wanted.name, wanted.name)
        mark = f"{key}/{manifest.bundle}"
        version = fitting(node, name, wanted, settings, mark) if name != BUILTIN else None
        if version is not None:
            told[wanted.name] = {"name": name, "version": version.id}
    return told


def fitting(
    node: Node, name: str, wanted: EnvironmentFacts, settings: ActivationSettings, mark: str = ""
) -> EnvironmentVersion | None:
    """A version of an environment here that is what a bundle was made with: the one it had before, else the newest."""
    if name not in node.environments.names():
        return None
    found = [
        version for version in node.environments.versions(name)
        if environment.fits(version, python=wanted.version, requested=wanted.requested, actual=wanted.actual,
                            by=settings.environment_match)
    ]  # fmt: skip
    return min(found, key=lambda version: mark not in version.bundles, default=None)


def _facts(node: Node, project: Project, name: str) -> EnvironmentFacts:
    version = environments.version_for(node, name, project.key)
    return EnvironmentFacts(
        name=name, version=version.python, requested=version.requested, actual=version.actual
    )


def _build(
    node: Node, name: str, wanted: EnvironmentFacts, path: Path, mark: str, *, pinned: bool
) -> BundleMessage:
    python = environment.minor(wanted.version)
    try:
        if name not in node.environments.names():
            made = EnvironmentDefinition(
                description=f"Came with {mark}.", python=python, packages=wanted.requested
            )
            node.environments.save(name, made)
        definition = node.environments.definition(name).changed(python=python, packages=wanted.requested)
        begun = environment_builds.begin(node, name, by=mark)
        with tempfile.TemporaryDirectory(prefix="penstock-wheels-") as folder:
            wheels = _wheels(node, path, wanted, Path(folder))
            version = environment_builds.build_version(
                node, name, begun, definition=definition, bundle=mark, wheels=wheels,
                pinned=wanted.actual if pinned or wheels else (),
            )  # fmt: skip
    except PenstockError as error:
        text = f"Code environment {name} cannot be built here: {error}"
        return BundleMessage(severity="ERROR", code=FAILED, text=text, hint=error.hint, object=name)
    text = f"Code environment {name} was built: version {version.id}, {len(version.actual)} packages."
    return BundleMessage(severity="INFO", code="INFO_CODEENV_BUILT", text=text, object=name)


def _wheels(node: Node, path: Path, wanted: EnvironmentFacts, folder: Path) -> Path | None:
    """The wheels of an environment that came with the bundle; None when none did."""
    with signing.open_signed(path, node.node_keys.verify) as opened:
        return folder if opened.extract(folder, under=place_of(wanted) + WHEELS) else None


def _mark(node: Node, name: str, version: EnvironmentVersion, mark: str) -> None:
    if mark not in version.bundles:
        node.environments.keep(name, version.changed(bundles=(*version.bundles, mark)), current=False)


def _differs(wanted: EnvironmentFacts, found: EnvironmentFacts, settings: ActivationSettings) -> str:
    """How the node's own Python is not what was asked for; empty when it is."""
    asked = wanted.requested if settings.environment_match == "SPECIFIED" else wanted.actual
    here = found.requested if settings.environment_match == "SPECIFIED" else found.actual
    lacking = sorted(set(asked) - set(here))
    if not lacking:
        return ""
    return f"Code environment {found.name} lacks {', '.join(lacking[:5])}{' …' if len(lacking) > 5 else ''}."


def _message(
    text: str, code: str, name: str, settings: ActivationSettings, *, can_build: bool = True
) -> BundleMessage:
    if settings.environment_mode == "FAIL_IF_MISS":
        return BundleMessage(severity="ERROR", code=code, text=text, object=name)
    if settings.environment_mode == "INSTALL_IF_MISS" and can_build:
        return BundleMessage(severity="INFO", code=code, text=f"{text} It will be built.", object=name)
    return BundleMessage(severity="WARNING", code=code, text=text, object=name)
