"""Slack: a chat, by incoming webhook or by bot token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.connection import Connection, Secret
from penstock.core.errors import Failed
from penstock.kinds.connections._http import post_json, reach

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext
    from penstock.core.message import Message

COLOURS = {"SUCCESS": "#2e9e5b", "WARNING": "#e6a100", "FAILED": "#d23f3f", "ABORTED": "#7a7f87"}


class Slack(Connection):
    """Messages to Slack: through an incoming webhook, or as a bot that may choose the room.

    Example:
        type: slack
        url: secret:slack_hook
    """

    CHANNEL: ClassVar[bool] = True
    TO: ClassVar[str] = "a room"

    url: Secret = Field(default="", description="`secret:NAME` of the address of an incoming webhook.")
    token: Secret = Field(default="", description="`secret:NAME` of a bot's token, instead of a webhook.")
    room: str = Field(
        default="", description="Where a bot posts, such as `#mlops`, unless the reporter says."
    )
    api: str = Field(default="https://slack.com/api", description="Address of the API a bot talks to.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.url) == bool(self.token):
            raise ValueError("Give either the `url` of a webhook or the `token` of a bot.")
        return self

    def deliver(self, messages: Sequence[Message], ctx: ConnectionContext) -> str:
        for message in messages:
            post = as_slack(message)
            if self.url:
                post_json(ctx.secret(self.url), post, timeout=ctx.timeout)
            else:
                self._call("chat.postMessage", {"channel": message.room or self.room, **post}, ctx)
        return "posted to Slack"

    def test(self, ctx: ConnectionContext) -> str:
        if self.url:
            return reach(ctx.secret(self.url), timeout=ctx.timeout)
        found = self._call("auth.test", {}, ctx)
        return f"Slack knows the bot as {found.get('user', '?')} of {found.get('team', '?')}"

    def _call(self, method: str, body: Any, ctx: ConnectionContext) -> dict[str, Any]:
        """Ask the API; it answers 200 and says in the text whether it did what was asked."""
        headers = {"Authorization": f"Bearer {ctx.secret(self.token)}"}
        said = post_json(f"{self.api}/{method}", body, timeout=ctx.timeout, headers=headers)
        answer: dict[str, Any] = json.loads(said)
        if not answer.get("ok"):
            raise Failed(f"Slack refused: {answer.get('error', said[:200])}.")
        return answer


def as_slack(message: Message) -> dict[str, Any]:
    """Text for notifications, and a coloured block with facts and a button."""
    blocks: list[dict[str, Any]] = [{"type": "section", "text": _mrkdwn(message.text[:3000])}]
    facts = [_mrkdwn(f"*{_escaped(k)}*\n{_escaped(v)}"[:2000]) for k, v in message.facts.items()][:10]
    if facts:
        blocks.append({"type": "section", "fields": facts})
    if message.link:
        button = {
            "type": "button",
            "text": {"type": "plain_text", "text": "Open the run"},
            "url": message.link,
        }
        blocks.append({"type": "actions", "elements": [button]})
    block = {"color": COLOURS.get(message.outcome, "#7a7f87"), "blocks": blocks}
    return {"text": _escaped(message.subject) or message.text, "attachments": [block]}


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def _escaped(text: str) -> str:
    """The three characters Slack gives a meaning of its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
