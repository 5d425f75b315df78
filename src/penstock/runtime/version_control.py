"""Version control of a project: branches, and repositories elsewhere that it is shared through. Definitions only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from penstock.core import secret_scan, version_control
from penstock.core.access import Permission
from penstock.core.errors import BeingBuilt, Invalid, NotFound, Refused
from penstock.core.scenario import RunState, ScenarioRun
from penstock.core.version_control import ORIGIN, RemoteAddress, VersionStanding
from penstock.runtime import audit, baseline, guards, holding, recovery
from penstock.runtime.lease import process_of

if TYPE_CHECKING:
    from penstock.core.node import Node


def show(node: Node, project: str) -> VersionStanding:
    """The branch that is checked out, what is not saved, every branch and tag, and how far each repository elsewhere
    is from here, as it was when it was last asked."""
    _check_known(node, project)
    return node.versions.standing(project)


def add_remote(
    node: Node, project: str, address: str, *, name: str = ORIGIN, user: str = "", secret: str = "", by: str
) -> VersionStanding:  # fmt: skip
    """Share the project with a repository elsewhere: https, ssh, or a folder of this machine.

    `secret` names a sealed value: a password or token of https, a private key of ssh. Its name and the address stay on
    this node. Raises Invalid for what is no address or holds a password, NotFound for a secret that is not there,
    Conflict for a name that is taken. A folder of this machine is for administrators.
    """
    _check_known(node, project)
    guards.require(node, Permission.MANAGE_CONNECTIONS)
    version_control.check_no_password(address)
    if any(secret_scan.findings({"address": address.encode()}, node.secrets.mask)):
        raise Invalid(
            "There is a secret in this address, which everybody who reads the project would see.",
            hint="Seal it (`penstock channel secret put NAME`) and name the secret beside the address.",
        )
    if version_control.is_local(address):
        guards.require(node, Permission.ADMINISTRATOR)
    version_control.check_address(address)
    secret = secret.removeprefix("secret:")
    if secret and secret not in node.secrets.names():
        raise NotFound(
            "secret",
            secret,
            among=node.secrets.names(),
            hint=f"Seal it: penstock channel secret put {secret}",
        )
    if secret and version_control.is_open_to_all(address):
        raise Invalid(
            "A secret is not sent over http, where everybody on the way reads it.", hint="Use https."
        )
    node.versions.add_remote(project, RemoteAddress(name=name, address=address, user=user, secret=secret))
    audit.note(node, "project-remote-add", project=project, by=by, remote=name, address=address)
    return show(node, project)


def remove_remote(node: Node, project: str, name: str, *, by: str) -> None:
    """Forget a repository elsewhere, and what was fetched of it. It stays as it is."""
    _check_known(node, project)
    guards.require(node, Permission.MANAGE_CONNECTIONS)
    node.versions.remove_remote(project, name)
    audit.note(node, "project-remote-remove", project=project, by=by, remote=name)


def fetch(node: Node, project: str, *, name: str = ORIGIN, by: str) -> VersionStanding:
    """Ask a repository elsewhere what it has. No file of the project changes."""
    _check_known(node, project)
    with audit.noted(node, "project-fetch", project=project, by=by, remote=name):
        node.versions.fetch(project, name, secret=_secret(node, project, name))
    return show(node, project)


def push(node: Node, project: str, *, name: str = ORIGIN, by: str) -> VersionStanding:
    """Bring the commits of the current branch there. What was edited by hand and not saved stays here.

    Raises Conflict while there are commits that are not here (pull first), Refused, naming commit, file and line, when
    there is a secret in what would leave.
    """
    _check_known(node, project)
    with audit.noted(node, "project-push", project=project, by=by, remote=name):
        secret = _secret(node, project, name)
        node.versions.push(project, name, secret=secret, check=partial(_check_secrets, node))
    return show(node, project)


def pull(node: Node, project: str, *, name: str = ORIGIN, by: str) -> VersionStanding:
    """Bring their commits below ours: those that are only here come once more on top. Data stays as it is.

    Raises Conflict naming the files that both changed, or that are not saved; InvalidDefinition for a state that is not
    well formed; BeingBuilt while a job or scenario runs. The project is as it was then.
    """
    _check_may(node, project)
    with audit.noted(node, "project-pull", project=project, by=by, remote=name) as facts:
        node.versions.fetch(project, name, secret=_secret(node, project, name))
        with _still(node, project):
            facts["commit"] = node.versions.pull(project, name, by=by, allow=_allow(node, project))
    return _changed(node, project)


def drop(node: Node, project: str, *, name: str = "", by: str) -> VersionStanding:
    """Drop what was edited by hand since the last commit; with the name of a repository elsewhere, also every commit
    that is not there. Data stays as it is. Commits that are dropped stay in git as `refs/dropped/…`."""
    _check_may(node, project)
    with (
        audit.noted(node, "project-drop", project=project, by=by, remote=name) as facts,
        _still(node, project),
    ):
        facts["before"] = node.versions.standing(project).commit
        facts["commit"] = node.versions.drop(project, name, by=by, allow=_allow(node, project))
    return _changed(node, project)


def create_branch(node: Node, project: str, branch: str, *, start: str = "", by: str) -> VersionStanding:
    """A branch at the last commit, or at `start`: a commit, a branch, a tag, or NAME/BRANCH of what was fetched. The
    project stays on the one it is on."""
    _check_known(node, project)
    commit = node.versions.create_branch(project, branch, start=start, by=by)
    audit.note(node, "project-branch-create", project=project, by=by, branch=branch, commit=commit)
    return show(node, project)


def switch(node: Node, project: str, branch: str, *, by: str) -> VersionStanding:
    """Let the definitions be those of another branch. Data stays as it is, and is stale where they differ.

    Raises Conflict while edits by hand are not saved, BeingBuilt while a job or scenario runs.
    """
    _check_may(node, project)
    with (
        audit.noted(node, "project-branch-switch", project=project, by=by, branch=branch),
        _still(node, project),
    ):
        node.versions.switch(project, branch, by=by, allow=_allow(node, project))
    return _changed(node, project)


def _check_known(node: Node, project: str) -> None:
    node.projects.path(project)


def _check_may(node: Node, project: str) -> None:
    """Raise unless the caller may change everything of the project, code too, as a revert does."""
    _check_known(node, project)
    guards.check_whole(node, project)


def _allow(node: Node, project: str) -> version_control.Allowing:
    """What somebody else wrote is as if the caller did: rights and connections are looked at file by file."""

    def allow(changes: Mapping[str, bytes | None]) -> None:
        guards.check_changes(node, project, changes)

    return allow


def _changed(node: Node, project: str) -> VersionStanding:
    if node.projects.load(project).scenarios:
        baseline.note(node, project)
    return show(node, project)


def _secret(node: Node, project: str, name: str) -> str:
    remote = node.versions.remote(project, name)
    return node.secrets.get(remote.secret) if remote.secret else ""


def _check_secrets(node: Node, files: Mapping[str, bytes]) -> None:
    found = [f"  {f.file}:{f.line}: {f.what}" for f in secret_scan.findings(files, node.secrets.mask)]
    if found:
        told = "\n".join(found[:20])
        raise Refused(
            f"There is a secret in what would be pushed, so nothing was.\n{told}",
            hint="Seal it (`penstock channel secret put NAME`) and write secret:NAME. It is in a commit already: drop "
            "that one, or push from a branch without it.",
        )


@contextmanager
def _still(node: Node, project: str) -> Iterator[None]:
    """While nothing of the project is built and no scenario of it runs; what would begin waits until this is over."""
    items = sorted(node.projects.load(project).items)
    with holding.hold(node, project, [project, *items], verb="Try again"):
        _check_idle(node, project)
        yield


def _check_idle(node: Node, project: str) -> None:
    """Raise BeingBuilt while a job or a scenario goes on. One whose process is gone does not."""
    if _unfinished(node, project):
        recovery.recover(node)
    doing = [f"Job {id} is running" for id in _unfinished(node, project)]
    doing += [f"Scenario {run.scenario} is running (run {run.id})" for run in _at_work(node, project)]
    if doing:
        raise BeingBuilt(f"{doing[0]}; nothing was changed.", hint="Try again when that has ended.")


def _unfinished(node: Node, project: str) -> list[str]:
    return [job.id for job in node.runs.orphans(lambda owner: False) if job.project == project]


def _at_work(node: Node, project: str) -> list[ScenarioRun]:
    gone = {hold.run for hold in node.scenario_runs.holds() if recovery.is_gone(process_of(hold.owner))}
    found = node.scenario_runs.runs(project, finished=False, limit=0)
    return [run for run in found if run.state is RunState.RUNNING and run.id not in gone]
