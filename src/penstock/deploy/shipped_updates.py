"""Updates that a scenario asks for: on the deployer inside this home, or on a node of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from penstock.core.update import Update
from penstock.deploy import nodes, updates

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.deploy.nodes import Remote

POLL = 0.2
_UPDATE: TypeAdapter[Update] = TypeAdapter(Update)


def run(
    node: Node, deployment: str, words: Mapping[str, Any], *, by: str, should_stop: Callable[[], bool]
) -> Update:
    """An update once it has ended, however it did. `words` are those of `updates.start`."""
    remote = nodes.deployer(node)
    if remote is not None:
        return _remotely(remote, deployment, words, should_stop)
    begun = updates.start(node, deployment, **words, by=by)
    found = updates.show(node, begun.id)
    while not found.state.final:
        if should_stop():
            node.deployer.request_abort(begun.id)
        time.sleep(POLL)
        found = updates.show(node, begun.id)
    return found


def _remotely(
    remote: Remote, deployment: str, words: Mapping[str, Any], should_stop: Callable[[], bool]
) -> Update:
    """The same with the rights of this home's key there."""
    told = remote.post("deployer", "deployments", deployment, "updates", json=dict(words))
    found = _UPDATE.validate_python(told)
    while not found.state.final:
        if should_stop():
            remote.post("deployer", "updates", found.id, "abort")
        time.sleep(POLL)
        found = _UPDATE.validate_python(remote.get("deployer", "updates", found.id))
    return found
