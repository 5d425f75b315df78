"""One build of a code environment: noted while it runs, logged, kept as a version when it has ended well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core import virtual_environment
from penstock.core.environment import EnvironmentBuild, EnvironmentDefinition, EnvironmentVersion
from penstock.core.errors import Conflict, NotReady, PenstockError
from penstock.runtime.logs import JobLog

if TYPE_CHECKING:
    from penstock.core.node import Node


def begin(node: Node, name: str, *, by: str) -> EnvironmentBuild:
    """Note that a build begins. Raises Conflict while there is one."""
    running = node.environments.last_build(name)
    if running is not None and running.state == "RUNNING":
        raise Conflict(f"Code environment {name} is being built for {running.by}.", hint="Wait for its end.")
    begun = EnvironmentBuild(id=_new_id(node), state="RUNNING", by=by, began=node.clock.now())
    node.environments.note_build(name, begun)
    return begun


def build_version(
    node: Node, name: str, begun: EnvironmentBuild, *, definition: EnvironmentDefinition | None = None,
    pinned: Sequence[str] = (), wheels: Path | None = None, bundle: str = "",
) -> EnvironmentVersion:  # fmt: skip
    """Install a version of an environment, aside, and make it the current one; one for a bundle only when there is
    none yet. Raises Failed with pip's last words; then everything is as before."""
    kept, said = node.environments, ""
    logged = JobLog(kept.log(name, begun.id), node.clock, node.secrets.mask)
    try:
        with kept.turn(name):
            return _built(
                node, name, begun, definition or kept.definition(name), pinned, wheels, bundle, logged
            )
    except PenstockError as error:
        said = str(error)
        raise
    except OSError as error:
        said = str(error)
        raise NotReady(f"Code environment {name} cannot be built: {error}.") from error
    finally:
        if said:
            logged.error(said)
        ended = begun.changed(state="FAILED" if said else "DONE", message=said, ended=node.clock.now())
        kept.note_build(name, ended)
        logged.close()


def _built(
    node: Node, name: str, begun: EnvironmentBuild, definition: EnvironmentDefinition, pinned: Sequence[str],
    wheels: Path | None, bundle: str, logged: JobLog,
) -> EnvironmentVersion:  # fmt: skip
    kept = node.environments
    folder = kept.folder(name, begun.id)
    try:
        made = virtual_environment.build(folder, definition, log=logged.info, pinned=pinned, wheels=wheels)
    except (PenstockError, OSError):
        kept.drop(name, begun.id)
        raise
    version = EnvironmentVersion(
        id=begun.id, python=made.python, requested=definition.packages, actual=made.actual, base=made.base,
        built_at=node.clock.now(), built_by=begun.by, bundles=(bundle,) if bundle else (), edited=not bundle,
    )  # fmt: skip
    before = kept.version(name)
    kept.keep(name, version, current=not bundle or before is None)
    for old in kept.versions(name) if not bundle else ():
        if not old.bundles and old.id not in (version.id, before.id if before else ""):
            kept.drop(name, old.id)
    return version


def _new_id(node: Node) -> str:
    return f"{node.clock.now():%Y%m%d-%H%M%S}-{node.clock.new_id(4)}"
