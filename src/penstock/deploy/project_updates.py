"""An update of a project's deployment, phase by phase: check, hooks, send, preload, activate, report."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from penstock.core import deployment as rules
from penstock.core.deployment import Deployment, Published
from penstock.core.errors import Conflict, Failed, PenstockError, Refused
from penstock.core.standard import worse_than
from penstock.core.update import Told
from penstock.deploy import nodes, publishing
from penstock.deploy.nodes import Remote
from penstock.deploy.updating import Phase, Updating


def settings(up: Updating) -> dict[str, Any]:
    """What the node is told to make different, as its activation takes it."""
    made = _made(up)
    place = up.infrastructure
    own = made.settings
    return {
        "connections": rules.effective(made, getattr(place, "connections", {})),
        "environments": own.environments.remap, "environment_mode": own.environments.mode,
        "environment_match": own.environments.match, "local_variables": dict(own.local_variables) or None,
        "scenarios": dict(own.scenarios), "triggers_off": own.triggers_off or not made.enabled,
        "run_as": own.run_as or getattr(place, "run_as", ""),
        "permissions": getattr(place, "propagation", "NONE") if up.first else "NONE",
        "keep_local_active_version": own.keep_local_active_version,
    }  # fmt: skip


def _check(up: Updating) -> Sequence[Told]:
    """What can be told before anything moves: the standards policy, and that the node lets us in."""
    remote = _remote(up)
    up.clients["automation_client"] = {"url": remote.address.url, "key": remote.address.key}
    found = _standards(up)
    who = remote.get("me")
    up.say(f"{remote.address.url} answers; we are {who.get('login', '?')} there.")
    return found


def _standards(up: Updating) -> list[Told]:
    """The policy of the infrastructure about findings of project standards. Raises Refused."""
    policy = getattr(up.infrastructure, "standards", "ignore")
    published: Published = up.node.deployer.get("project", _made(up).published)
    report = published.package(_made(up).bundle).facts.get("standards") or {}
    worse = worse_than(getattr(up.infrastructure, "worst_finding", "MEDIUM"), report.get("results", ()))
    if policy == "ignore" or not worse:
        return []
    said = "; ".join(_told(f) for f in worse)
    if policy == "block":
        raise Refused(f"The infrastructure takes no bundle with such findings: {said}.")
    if not up.ignore_warnings:
        raise Refused(f"Project standards found: {said}.", hint="Confirm the warnings to deploy it anyway.")
    return [Told(severity="WARNING", code="STANDARDS", text=f"Project standards found: {said}.")]


def _told(result: Mapping[str, Any], most: int = 3) -> str:
    """What one standard found, in its own words."""
    texts = [one["text"] for one in result.get("findings", ())] or [result["text"] or result["standard"]]
    more = f" And {len(texts) - most} more." if len(texts) > most else ""
    return f"{result['severity']}: {' '.join(texts[:most])}{more}"


def _before(up: Updating) -> Sequence[Told]:
    return up.hooks("before")


def _send(up: Updating) -> Sequence[Told]:
    """The archive, once: a bundle never changes, so one that is there is the same."""
    made, remote = _made(up), _remote(up)
    archive = publishing.archive_of(up.node, "project", made.published, made.bundle)
    up.say(f"Sending bundle {made.bundle} ({archive.stat().st_size:,} bytes) to {remote.address.url} …")
    with tempfile.TemporaryDirectory(prefix="penstock-") as place:
        file = Path(place) / f"{made.bundle}.zip"
        shutil.copyfile(archive, file)
        try:
            remote.send("incoming", files=[file], query={"key": made.target})
        except Conflict:
            up.say(f"The node has bundle {made.bundle} already.")
    return []


def _preload(up: Updating) -> Sequence[Told]:
    """Look at what the node finds, then build what the bundle needs there."""
    made = _made(up)
    report = _remote(up).post(
        "incoming", made.target, "bundles", made.bundle, "checks", json={"settings": settings(up)}
    )
    found = _messages(report)
    _refuse_blocking(up, found)
    told = _remote(up).post(
        "incoming", made.target, "bundles", made.bundle, "preload", json={"settings": settings(up)}
    )
    return _messages(told if isinstance(told, Mapping) else {})


def _activate(up: Updating) -> Sequence[Told]:
    made = _made(up)
    report = _remote(up).post(
        "incoming", made.target, "bundles", made.bundle, "activation",
        json={"settings": settings(up), "ignore_warnings": up.ignore_warnings},
    )  # fmt: skip
    found = _messages(report)
    if not report.get("activated", True):
        _refuse_blocking(up, found)
        raise Failed("The node did not activate the bundle.")
    up.say(f"Bundle {made.bundle} is active as project {made.target}.")
    return found


def _after(up: Updating) -> Sequence[Told]:
    """An error of a hook here is a warning of the update: what was deployed is there."""
    return [
        Told(severity="WARNING", code=told.code, text=told.text) if told.severity == "ERROR" else told
        for told in up.hooks("after")
    ]


def _report(up: Updating) -> Sequence[Told]:
    for warning in [m for m in up.messages if m.severity != "INFO"]:
        up.say(f"{warning.severity}: {warning.text}")
    return []


PHASES: Sequence[Phase] = (
    ("pre-checks", _check), ("hooks before", _before), ("send bundle", _send), ("preload", _preload),
    ("activate", _activate), ("hooks after", _after), ("report", _report),
)  # fmt: skip


def _refuse_blocking(up: Updating, found: Sequence[Told]) -> None:
    stops = ("ERROR",) if up.ignore_warnings else ("ERROR", "WARNING")
    blocking = [told for told in found if told.severity in stops]
    if blocking:
        only_warnings = all(told.severity == "WARNING" for told in blocking)
        said = " ".join(f"{told.code}: {told.text}" if told.code else told.text for told in blocking)
        raise Refused(said, hint="Confirm the warnings to deploy it anyway." if only_warnings else "")


def _messages(report: Mapping[str, Any]) -> list[Told]:
    """Messages of a node as ours; FATAL is an ERROR."""
    return [
        Told(
            severity="ERROR" if m["severity"] == "FATAL" else m["severity"],
            code=m.get("code", ""),
            text=m["text"],
        )
        for m in report.get("messages", ())
    ]


def _remote(up: Updating) -> Remote:
    return nodes.automation(up.node, up.infrastructure)


def _made(up: Updating) -> Deployment:
    if not isinstance(up.deployment, Deployment):
        raise PenstockError("This deployment is none of a project.")
    return up.deployment
