"""Updates: bring what a deployment says to its nodes, in the background, with a log; stop it, look back, go back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from penstock.core import registry
from penstock.core.deployment import AnyDeployment, Deployment
from penstock.core.errors import Aborted, Failed, NotReady
from penstock.core.update import Update, UpdateState, applied
from penstock.deploy import deployments, monitoring, project_updates, service_updates
from penstock.deploy.updating import Updating
from penstock.runtime import audit, recovery
from penstock.runtime.logs import JobLog

if TYPE_CHECKING:
    from penstock.core.node import Node

ENDED = "The process that ran this update ended before the update did."
POLL = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What else somebody may say about an update."""

    ignore_warnings: bool = False
    full: bool = False
    kind: Literal["deploy", "update", "full update", "disable", "rollback"] | None = None


def start(
    node: Node, deployment: str, *, package: str = "", ignore_warnings: bool = False, full: bool = False,
    by: str = "",
) -> Update:  # fmt: skip
    """Begin an update in the background; its nodes change only at its end. `package`: take another bundle or version
    first. `full`: send everything again.

    Raises Conflict while another update of it runs, NotAllowed.
    """
    deployments.check_may_deploy(node, deployment, by=by)
    sweep(node)
    if package:
        deployments.choose(node, deployment, package, by=by)
    running = _begun(node, deployment, Wishes(ignore_warnings=ignore_warnings, full=full), by=by)
    return _in_background(node, running)


def run(
    node: Node, deployment: str, *, package: str = "", ignore_warnings: bool = False, full: bool = False,
    by: str = "", no_fail: bool = False,
) -> Update:  # fmt: skip
    """The same, and wait. Raises Failed or Aborted unless it ended well, or `no_fail`."""
    begun = start(node, deployment, package=package, ignore_warnings=ignore_warnings, full=full, by=by)
    return wait(node, begun.id, no_fail=no_fail)


def wait(node: Node, update: str, *, no_fail: bool = False) -> Update:
    """An update once it has ended."""
    found = show(node, update)
    while not found.state.final:
        time.sleep(POLL)
        found = show(node, update)
    return judged(found, no_fail=no_fail)


def judged(update: Update, *, no_fail: bool = False) -> Update:
    """Itself. Raises Failed or Aborted unless it ended well, or `no_fail`."""
    if no_fail or update.worked:
        return update
    if update.state is UpdateState.ABORTED:
        raise Aborted(f"The update of {update.deployment} was aborted.")
    raise Failed(
        f"The update of {update.deployment} to {update.package} failed: {update.error}",
        hint="What was there before is still active.",
    )


def rollback(node: Node, deployment: str, update: str = "", *, by: str = "") -> Update:
    """Go back to the settings and the package of an earlier update, the one before the last by default. Data is not
    rolled back. Raises NotReady when there is none."""
    _, made = deployments.find(node, deployment)
    worked = [u for u in node.deployer.updates(deployment, limit=0) if u.worked]
    now = applied(worked)
    earlier = [u for u in worked if now is None or u.definition != now.definition]
    chosen = next((u for u in earlier if update in ("", u.id)), None)
    if chosen is None:
        raise NotReady(f"Deployment {deployment} has no earlier state to go back to.")
    definition: AnyDeployment = registry.validate(type(made), dict(chosen.definition))
    deployments.save(node, deployment, definition.to_mapping(), by=by)
    running = _begun(node, deployment, Wishes(ignore_warnings=True, kind="rollback"), by=by)
    return _in_background(node, running)


def abort(node: Node, update: str, *, by: str = "") -> bool:
    """Stop an update before its next phase; False when it had ended."""
    found = node.deployer.update(update)
    deployments.check_may_deploy(node, found.deployment, by=by)
    audit.note(node, "deployment-abort", object=f"deployment:{found.deployment}", by=by)
    return node.deployer.request_abort(update)


def history(node: Node, deployment: str, *, limit: int = 50) -> list[Update]:
    """Updates of a deployment, newest first."""
    deployments.show(node, deployment)
    sweep(node)
    return node.deployer.updates(deployment, limit=limit)


def last(node: Node, deployment: str) -> Update | None:
    """The newest update; None before the first."""
    return next(iter(history(node, deployment, limit=1)), None)


def show(node: Node, update: str) -> Update:
    """One update as it stands. Raises NotFound."""
    sweep(node)
    return node.deployer.update(update)


def log(node: Node, update: str, *, start: int = 0) -> Iterator[str]:
    """What its log holds from a byte on."""
    found = node.deployer.update(update)
    path = node.deployer.log_path(found.id)
    if path.exists():
        with path.open("rb") as file:
            file.seek(start)
            yield file.read().decode("utf-8", errors="replace")


def sweep(node: Node) -> None:
    """End the updates whose process is gone. What they did on a node is old or new there, never between."""
    for left in node.deployer.unfinished():
        if recovery.is_gone(left.owner):
            ended = replace(left, state=UpdateState.FAILED, error=ENDED, ended_at=node.clock.now())
            node.deployer.save_update(ended)


def _begun(node: Node, deployment: str, wishes: Wishes, *, by: str) -> Updating:
    _, made = deployments.find(node, deployment)
    before = applied(node.deployer.updates(deployment, limit=0))
    kind = wishes.kind or _kind(made, before, full=wishes.full)
    update = Update(
        id=node.clock.new_id(), deployment=deployment, kind=kind, requested_by=by or node.config.user,
        package=made.package, started_at=node.clock.now(), owner=recovery.owner(), definition=made.to_mapping(),
    )  # fmt: skip
    node.deployer.begin(update)
    log = JobLog(node.deployer.log_path(update.id), node.clock, node.secrets.mask)
    audit.note(node, "deployment-update", object=f"deployment:{deployment}", by=by, package=made.package)
    return Updating(
        node=node, update=update, deployment=made,
        infrastructure=node.deployer.get("infrastructure", made.infrastructure), log=log,
        ignore_warnings=wishes.ignore_warnings, full=wishes.full, first=before is None,
    )  # fmt: skip


def _kind(made: AnyDeployment, before: Update | None, *, full: bool) -> Any:
    if before is None:
        return "deploy"
    return "disable" if not made.enabled else "full update" if full else "update"


def _in_background(node: Node, running: Updating) -> Update:
    threading.Thread(target=_carry, args=(node, running), name=running.update.id, daemon=True).start()
    return running.update


def _carry(node: Node, running: Updating) -> None:
    """The update in its thread; then what is seen of it is looked at again."""
    is_project = isinstance(running.deployment, Deployment)
    running.run(project_updates.PHASES if is_project else service_updates.PHASES)
    monitoring.look(node, running.update.deployment)
