"""Teams: Microsoft Teams, by the webhook of a workflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.connection import Connection, Secret
from penstock.kinds.connections._http import post_json, reach

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext
    from penstock.core.message import Message

COLOURS = {"SUCCESS": "good", "WARNING": "warning", "FAILED": "attention"}


class Teams(Connection):
    """Messages to Microsoft Teams as adaptive cards, through the webhook of a workflow.

    Example:
        type: teams
        url: secret:teams_hook
    """

    CHANNEL: ClassVar[bool] = True

    url: Secret = Field(description="`secret:NAME` of the address of the workflow's webhook.")

    def deliver(self, messages: Sequence[Message], ctx: ConnectionContext) -> str:
        for message in messages:
            post_json(ctx.secret(self.url), as_post(message), timeout=ctx.timeout)
        return "posted to Teams"

    def test(self, ctx: ConnectionContext) -> str:
        return reach(ctx.secret(self.url), timeout=ctx.timeout)


def as_post(message: Message) -> dict[str, Any]:
    """What a workflow's webhook expects: one adaptive card."""
    card = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": as_card(message),
    }
    return {"type": "message", "attachments": [card]}


def as_card(message: Message) -> dict[str, Any]:
    """An adaptive card 1.4: a coloured title, the text, the facts, a button."""
    colour = COLOURS.get(message.outcome, "default")
    body: list[dict[str, Any]] = []
    if message.subject:
        title = {"type": "TextBlock", "text": message.subject, "size": "large", "weight": "bolder"}
        body.append({**title, "color": colour, "wrap": True})
    body.append({"type": "TextBlock", "text": message.text, "wrap": True})
    if message.facts:
        facts = [{"title": name, "value": value} for name, value in message.facts.items()]
        body.append({"type": "FactSet", "facts": facts})
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the run", "url": message.link}]
    return card
