"""Bundles on the node that they go to: take in, look at, make ready, activate, see which one is active.

Taking in changes nothing but the list of bundles. Activating changes a project from one state to the next, all of it or
nothing: everything is prepared in a folder aside, then `deploy/takeover.py` carries it out, after a note from which
whoever comes next would finish it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from penstock.core import bundle, registry, signing
from penstock.core.bundle import (
    ActivationReport,
    ActivationSettings,
    ActiveBundle,
    BundleManifest,
    BundleMessage,
    blocking,
)
from penstock.core.bundle_diff import BundleComparison
from penstock.core.errors import Invalid
from penstock.core.names import check_project_key
from penstock.deploy import bundles, furnishing, preparing, shipped_models, takeover
from penstock.deploy.bundles import BundleSummary
from penstock.runtime import audit, caller

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingStanding:
    """A project of a node that runs bundles."""

    key: str
    bundles: int
    newest: str
    active: str
    """Empty while none was activated."""
    activated_at: datetime | None


ACTIVES: TypeAdapter[ActiveBundle] = TypeAdapter(ActiveBundle)


def receive(node: Node, sources: Sequence[Path], *, by: str, key: str = "") -> BundleSummary:
    """Take in a bundle: one zip, signed by a node that is trusted here, every byte of it as its manifest says.

    `key` is the key of the project it is for, the one it was made of unless told; it need not be there yet. Raises
    UnknownSigner, UnsafeArchive, UntrustedModel for a model that holds code, Conflict for an id that is taken; nothing
    is taken in then.
    """
    if len(sources) != 1:
        raise Invalid("One bundle at a time, please.", hint="Send one zip file.")
    with audit.noted(node, "bundle-receive", by=by) as facts, caller.by_itself():
        with signing.open_signed(sources[0], node.node_keys.verify) as opened:
            told = bundle.manifest_of(opened.manifest)
            opened.check()
        key = check_project_key(key or told.project)
        facts |= {"project": key, "object": f"bundle:{told.bundle}", "signer": opened.by.node}
        work = node.bundles.work(key)
        try:
            aside = work / "bundle.zip"
            _copy(sources[0], aside)
            with signing.open_signed(aside, node.node_keys.verify) as copied:
                shipped_models.judge(node, copied, work)
            kept = node.bundles.keep(key, "received", told.bundle, aside)
        finally:
            node.bundles.forget(work)
    return bundles.summary_of(kept)


def overview(node: Node) -> list[IncomingStanding]:
    """Every project that bundles came for: how many, the newest, and the active one."""
    return [_standing(node, key) for key in node.bundles.projects("received")]


def received(node: Node, key: str) -> list[BundleSummary]:
    """The bundles that came for a project, newest first."""
    ids = node.bundles.listed(check_project_key(key), "received")
    return [bundles.summary_of(node.bundles.path(key, "received", id)) for id in reversed(ids)]


def manifest(node: Node, key: str, bundle: str) -> BundleManifest:
    """What a bundle that came says of itself. Raises NotFound."""
    return bundles.read(node.bundles.path(key, "received", bundle))


def compare(node: Node, key: str, bundle: str, other: str = "") -> BundleComparison:
    """How a bundle differs from another that came, from the one before it unless told."""
    return bundles.compared(node, key, "received", bundle, other)


def delete(node: Node, key: str, bundle: str, *, by: str) -> None:
    """Remove a bundle that came. The project stays as it is, also when this one is active."""
    node.bundles.delete(key, "received", bundle)
    audit.note(node, "bundle-delete", project=key, object=f"bundle:{bundle}", by=by)


def active(node: Node, key: str) -> ActiveBundle | None:
    """The bundle whose state a project has here; None when none was ever activated."""
    told = node.bundles.record(check_project_key(key), "active")
    return ACTIVES.validate_python(told) if told and key in node.projects.keys() else None  # noqa: SIM118  a port


def settings(node: Node, key: str) -> ActivationSettings:
    """What the last activation was told, or somebody saved for the next one."""
    told = node.bundles.record(check_project_key(key), "settings")
    found = active(node, key)
    return (
        ActivationSettings.model_validate(told) if told else found.settings if found else ActivationSettings()
    )


def save_settings(node: Node, key: str, settings: Mapping[str, Any], *, by: str) -> ActivationSettings:
    """Remember what is different here, for the next activation. Raises InvalidDefinition."""
    wanted = registry.validate(ActivationSettings, settings)
    node.bundles.note(check_project_key(key), "settings", wanted.model_dump(mode="json"))
    audit.note(node, "bundle-settings", project=key, by=by)
    return wanted


def preload(node: Node, key: str, bundle: str, settings: Mapping[str, Any] | None = None) -> ActivationReport:
    """Make the code environments of a bundle ready, as the settings say: versions that are missing are built."""
    path, wanted = node.bundles.path(key, "received", bundle), _settings(node, key, settings)
    told = bundles.read(path)
    made = furnishing.furnish(node, key, path, told, wanted)
    return ActivationReport(
        project=key, bundle=bundle, messages=(*made, *_still_missing(node, told, wanted, made))
    )


def check(node: Node, key: str, bundle: str, settings: Mapping[str, Any] | None = None) -> ActivationReport:
    """What would be in the way of activating a bundle, or worth knowing before. Changes nothing."""
    with _prepared(node, key, bundle, _settings(node, key, settings)) as prepared:
        return ActivationReport(project=key, bundle=bundle, messages=prepared.messages)


def activate(
    node: Node, key: str, bundle: str, settings: Mapping[str, Any] | None = None, *, by: str,
    ignore_warnings: bool = False,
) -> ActivationReport:  # fmt: skip
    """Make a bundle the state of a project, which is made when it is not there; an older one is a rollback.

    What was made here stays: data that is not in the bundle, versions of models, evaluations, histories, local
    variables, switches of triggers, scenarios of this node's own. It is not done while a message is an error, or a
    warning unless `ignore_warnings`: then nothing has changed and the report says `activated: false`.
    """
    wanted = _settings(node, key, settings)
    ready = preload(node, key, bundle, settings)
    if blocking(ready.messages, ignore_warnings=True):
        return ready
    with audit.noted(node, "bundle-activate", project=key, object=f"bundle:{bundle}", by=by) as facts:
        with node.bundles.turn(key), _prepared(node, key, bundle, wanted) as prepared:
            stops = blocking(prepared.messages, ignore_warnings=ignore_warnings)
            facts["activated"] = not stops
            if not stops:
                with caller.by_itself():
                    takeover.begin(node, prepared, by=by)
        built = tuple(message for message in ready.messages if message not in prepared.messages)
        return ActivationReport(
            project=key, bundle=bundle, messages=(*built, *prepared.messages), activated=not stops
        )


def revert(node: Node, project: str, bundle: str, *, by: str) -> ActivationReport:
    """Bring the project that designs back to one of its bundles: every definition, and the data that is in it over the
    data there is now. Model versions made since stay; the bundle's active ones are active again."""
    with (
        audit.noted(node, "bundle-revert", project=project, object=f"bundle:{bundle}", by=by),
        node.bundles.turn(project),
        _reverting(node, project, bundle) as prepared,
        caller.by_itself(),
    ):
        takeover.begin(node, prepared, by=by)
        return ActivationReport(project=project, bundle=bundle, messages=prepared.messages, activated=True)


def recover(node: Node) -> list[str]:
    """Finish the activations whose process ended in the middle; returns of which projects."""
    return [project for project in node.bundles.unfinished() if takeover.resume(node, project)]


def _still_missing(
    node: Node, told: BundleManifest, settings: ActivationSettings, made: Sequence[BundleMessage]
) -> Iterator[BundleMessage]:
    """What is in the way although it was tried to build it; what could not be built is told already."""
    known = {message.object for message in made}
    for message in furnishing.messages(node, told, settings):
        if message.object not in known:
            yield message


def _standing(node: Node, key: str) -> IncomingStanding:
    came, found = received(node, key), active(node, key)
    return IncomingStanding(key=key, bundles=len(came), newest=came[0].bundle, active=found.bundle if found else "",
                    activated_at=found.activated_at if found else None)  # fmt: skip


def _settings(node: Node, key: str, given: Mapping[str, Any] | None) -> ActivationSettings:
    return registry.validate(ActivationSettings, given) if given else settings(node, key)


@contextmanager
def _prepared(
    node: Node, key: str, bundle: str, settings: ActivationSettings
) -> Iterator[preparing.Prepared]:
    """What an activation would do, in a folder aside. Raises for an archive that is not to be trusted any more."""
    takeover.finish_pending(node, key)
    path, work = node.bundles.path(key, "received", bundle), node.bundles.work(key)
    try:
        yield preparing.prepare(node, key, path, work, settings, active(node, key))
    finally:
        _forget(node, key, work)


@contextmanager
def _reverting(node: Node, project: str, bundle: str) -> Iterator[preparing.Prepared]:
    takeover.finish_pending(node, project)
    path, work = node.bundles.path(project, "made", bundle), node.bundles.work(project)
    try:
        yield preparing.prepare_revert(node, project, path, work)
    finally:
        _forget(node, project, work)


def _forget(node: Node, project: str, work: Path) -> None:
    """Remove a folder aside, unless somebody has to finish what is in it."""
    note = node.bundles.record(project, takeover.JOURNAL) or {}
    if note.get("work") != work.name:
        node.bundles.forget(work)


def _copy(source: Path, aside: Path) -> None:
    shutil.copyfile(source, aside)
