"""Trust between nodes: the key this one signs with, and those whose archives it takes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core.signing import NodeKey
from penstock.runtime import audit

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """The public key of a node, and what people compare."""

    node: str
    key: str
    fingerprint: str


def own(node: Node) -> KnownKey:
    """The key that this node signs bundles and packages with; made at the first question."""
    return _known(node.node_keys.own())


def trusted(node: Node) -> list[KnownKey]:
    """The other nodes whose archives are taken in here."""
    return [_known(key) for key in node.node_keys.trusted()]


def trust(node: Node, name: str, key: str, *, by: str) -> KnownKey:
    """Take in archives of another node from now on. Compare fingerprints first. Raises Invalid."""
    added = _known(node.node_keys.trust(NodeKey(name, key), by=by, at=node.clock.now()))
    audit.note(node, "node-trust", object=f"node:{name}", by=by, fingerprint=added.fingerprint)
    return added


def distrust(node: Node, fingerprint: str, *, by: str) -> None:
    """Take in nothing more of a node. What came before stays. Raises NotFound."""
    node.node_keys.distrust(fingerprint)
    audit.note(node, "node-distrust", object=fingerprint, by=by)


def _known(key: NodeKey) -> KnownKey:
    return KnownKey(node=key.node, key=key.key, fingerprint=key.fingerprint)
