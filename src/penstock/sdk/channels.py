"""Channels and secrets of a node seen from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.core.connection import Connection
    from penstock.sdk.items import Transport


class Connections:
    """Ways to something outside: databases, file stores, Spark, channels. For administrators."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Any]:
        """Every one of them: `.name`, `.type`, `.allowed`, and `.missing_secrets` that nobody has set yet."""
        return list(self._transport.call("connections.list_"))

    def show(self, name: str) -> Connection:
        """Its definition; it names secrets and holds none. Raises NotFound with the nearest name."""
        found: Connection = self._transport.call("connections.show", name)
        return found

    def set(self, name: str, definition: Mapping[str, Any]) -> None:
        """Make one or replace it. Raises InvalidDefinition naming the field."""
        self._transport.call("connections.define", name, definition)

    def test(self, name: str, *, timeout: float = 20.0) -> str:
        """Try it without doing anything; returns what was found. Raises what is wrong."""
        return str(self._transport.call("connections.test", name, timeout=timeout))

    def remove(self, name: str) -> None:
        """Remove one; its secrets stay, and so does everything behind it."""
        self._transport.call("connections.delete", name)


class Channels(Connections):
    """The ways messages go out: mail servers, chats, webhooks. For administrators."""

    def list(self) -> list[Any]:
        """Every channel: `.name`, `.type`, `.allowed`, and `.missing_secrets` that nobody has set yet."""
        return [found for found in super().list() if found.channel]

    def send_test(self, name: str, *to: str, timeout: float = 20.0) -> str:
        """Really send a message through it: to mail addresses, to a room of a chat, or to where it always goes.
        Returns what was sent where, and what became of it."""
        sent = self._transport.call(
            "connections.send_test", name, list(to), by=self._transport.user, timeout=timeout
        )
        return str(sent)


class Secrets:
    """Sealed values. They are put in and used; nobody gets them out."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def names(self) -> list[str]:
        """The names of all sealed values."""
        found: list[str] = self._transport.call("connections.secrets")
        return found

    def put(self, name: str, value: str) -> None:
        """Seal a value under a name."""
        self._transport.call("connections.set_secret", name, value)

    def remove(self, name: str) -> None:
        """Forget a sealed value."""
        self._transport.call("connections.delete_secret", name)
