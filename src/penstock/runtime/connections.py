"""Connections and secrets of the node, for administrators: list, define, try, seal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from penstock.core import registry
from penstock.core.connection import Connection, Database
from penstock.core.errors import Invalid, InvalidDefinition
from penstock.core.file_store import FileStore
from penstock.core.message import Message
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
    to: str
    """What messages through it are addressed to, such as `mail addresses`; empty: always to the same place."""
    allowed: tuple[str, ...]
    missing_secrets: tuple[str, ...]
    """Secrets it names that nobody has set yet."""


def list_(node: Node) -> list[Listed]:
    """Every connection of the node, by name."""
    return [listed(node, name) for name in node.connections.names()]


def listed(node: Node, name: str) -> Listed:
    """One connection as the list shows it. Raises NotFound."""
    connection = node.connections.get(name)
    missing = delivering.secrets_of(connection) - set(node.secrets.names())
    return Listed(
        name=name, type=connection.kind_name(), channel=connection.CHANNEL, to=connection.TO,
        allowed=connection.allowed, missing_secrets=tuple(sorted(missing)),
    )  # fmt: skip


def of_sort(node: Node, sort: Literal["channel", "files", "data", "asked"]) -> list[str]:
    """Names of the connections that messages go through, that files lie behind, that keep data of any sort, or that
    endpoints can ask."""
    found: list[str] = []
    for name in node.connections.names():
        with suppress(InvalidDefinition):  # it is told on its own page
            found += [name] if _is_of(node.connections.get(name), sort) else []
    return found


def for_endpoints(node: Node, user: str) -> list[str]:
    """Names of the databases that an endpoint can ask and a user may use."""
    known = node.users.find(user)
    groups = sorted(known.groups) if known else ()
    return [name for name in of_sort(node, "asked") if node.connections.get(name).allows(user, groups)]


def channels(node: Node, *types: str) -> list[str]:
    """Names of the channels messages go through: all, or those of some types."""
    every = of_sort(node, "channel")
    return [name for name in every if not types or node.connections.get(name).kind_name() in types]


def _is_of(connection: Connection, sort: str) -> bool:
    if sort == "files":
        return isinstance(connection, FileStore)
    if sort == "asked":
        return isinstance(connection, Database) and bool(connection.MARKER)
    return (sort == "channel") == connection.CHANNEL


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


def test(node: Node, name: str, *, timeout: float = 0) -> str:  # noqa: PT028 - a use case, not a test
    """Try a channel without sending anything; returns what was found. Raises with what is wrong.

    It may take `timeout` seconds, or as long as its type allows.
    """
    connection = node.connections.get(name)
    return delivering.test(connection, node.secrets.get, timeout=timeout or connection.PATIENCE)


def send_test(
    node: Node, name: str, to: Sequence[str] = (), *, by: str = "", timeout: float = TEST_TIMEOUT
) -> str:
    """Really send a message through a channel: to mail addresses, to a room of a chat, or to where it always goes.

    Returns what was sent where and what became of it. Raises Invalid when it does not fit the channel, and what
    keeps the message from being sent.
    """
    channel = node.connections.get(name)
    _check_receivers(channel, name, to)
    message = _test_message(node, name, to, by or node.config.user)
    said = delivering.deliver(channel, [message], node.secrets.get, timeout=timeout)
    receivers = f" for {', '.join(to)}" if to else ""
    return f"'{message.subject}'{receivers}: {said}"


def _check_receivers(channel: Connection, name: str, to: Sequence[str]) -> None:
    if not channel.CHANNEL:
        raise Invalid(f"No message goes through {name}: it is of type {channel.kind_name()}.")
    if to and not channel.TO:
        raise Invalid(f"Channel {name} always sends to the same place.", hint="Say --send instead of --to.")
    if channel.TO == "mail addresses":
        bad = [text for text in to if not re.fullmatch(r"[^@\s]+@[^@\s]+", text)]
        if not to or bad:
            said = f"'{bad[0]}' is not a mail address." if bad else f"Channel {name} sends to mail addresses."
            raise Invalid(said, hint="For example: --to ann@example.org")


def _test_message(node: Node, name: str, to: Sequence[str], by: str) -> Message:
    subject = "Test message from Penstock"
    where = node.config.base_url or f"the home {node.config.home}"
    text = f"{by} tries channel {name} of {where}. You can read this, so it works; nothing else needs to be done."
    body = json.dumps({"subject": subject, "text": text}, ensure_ascii=False)
    return Message(subject=subject, text=text, body=body, to=tuple(to), room=to[0] if to else "")


def set_secret(node: Node, name: str, value: str) -> None:
    """Seal a value under a name."""
    node.secrets.put(name, value)


def secrets(node: Node) -> list[str]:
    """The names of the sealed values; the values are shown to nobody."""
    return node.secrets.names()


def delete_secret(node: Node, name: str) -> None:
    node.secrets.delete(name)
