"""Messages: what goes through a channel, whatever the channel is. Each channel shows of it what it can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a message; with a `content_id` it is shown inside the HTML as `cid:<content_id>`."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    name: str
    mime: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, all texts final: nothing in it is a template any more."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    subject: str = ""
    text: str = ""
    html: str = ""
    """Mail only; `text` is what readers without HTML see."""
    sender: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    outcome: str = ""
    """SUCCESS, WARNING, FAILED, ABORTED; chats show it as a colour."""
    link: str = ""
    """Where people read more."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Short name → value, in order: a list of facts in a chat, environment variables of a command."""
    body: str = ""
    """What a webhook sends, to the letter."""
    mime: str = "application/json"
    """What `body` is."""
    room: str = ""
    """Where in a chat it goes, when the channel lets one choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Everything a child process needs to deliver messages, or to try a connection; it holds secrets in the clear
    and travels through a pipe only."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    connection: Mapping[str, Any]
    """The definition of the connection, with its `type`."""
    timeout: float
    messages: tuple[Message, ...] = ()
    """None of them: the connection is only tried."""
    secrets: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> bytes:
        return _adapter().dump_json(self)

    @classmethod
    def from_json(cls, data: bytes) -> Delivery:
        return _adapter().validate_json(data)


@cache
def _adapter() -> TypeAdapter[Delivery]:
    return TypeAdapter(Delivery)
