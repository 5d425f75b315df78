"""Connections and secrets of the node, for administrators: list, define, try, seal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.runtime import delivering

if TYPE_CHECKING:
    from penstock.core.node import Node

TEST_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One connection in a list."""

    name: str
    type: str
    channel: bool
    allowed: tuple[str, ...]
    missing_secrets: tuple[str, ...]
    """Secrets it names that nobody has set yet."""


def list_(node: Node) -> list[Listed]:
    """Every connection of the node, by name."""
    return [_listed(node, name, node.connections.get(name)) for name in node.connections.names()]


def show(node: Node, name: str) -> Connection:
    """The definition of a connection; it holds names of secrets, never their values."""
    return node.connections.get(name)


def define(node: Node, name: str, definition: Mapping[str, Any]) -> Connection:
    """Make a connection, or change it. Raises InvalidDefinition for one that does not parse."""
    made = registry.parse("connections", definition)
    assert isinstance(made, Connection)
    node.connections.save(name, made)
    return made


def delete(node: Node, name: str) -> None:
    node.connections.delete(name)


def test(node: Node, name: str, *, timeout: float = TEST_TIMEOUT) -> str:  # noqa: PT028 - a use case, not a test
    """Try a connection without sending anything; returns what was found. Raises with what is wrong."""
    return delivering.test(node.connections.get(name), node.secrets.get, timeout=timeout)


def set_secret(node: Node, name: str, value: str) -> None:
    """Seal a value under a name."""
    node.secrets.put(name, value)


def secrets(node: Node) -> list[str]:
    """The names of the sealed values; the values are shown to nobody."""
    return node.secrets.names()


def delete_secret(node: Node, name: str) -> None:
    node.secrets.delete(name)


def _listed(node: Node, name: str, connection: Connection) -> Listed:
    missing = delivering.secrets_of(connection) - set(node.secrets.names())
    return Listed(
        name=name, type=connection.kind_name(), channel=connection.CHANNEL, allowed=connection.allowed,
        missing_secrets=tuple(sorted(missing)),
    )  # fmt: skip
