"""Webhook: tells any web address."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.errors import Invalid
from penstock.core.message import Message
from penstock.core.reporter import Flaw, Outlook, Reporter
from penstock.kinds.reporters import _facts, _texts

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext


class Webhook(Reporter):
    """A request to a web address: the run as JSON, or a body of your own.

    A body written as a mapping stays JSON whatever the variables hold; a text is sent to the letter.

    Example:
        type: webhook
        url: https://ops.example.org/hooks/penstock
        headers: {Authorization: 'secret:FRAUD.ops_token'}
        body: {text: '${scenarioName} ended ${outcome}', link: '${scenarioRunURL}'}
    """

    CHANNEL: ClassVar[str] = "webhook"

    channel: str = Field(
        default="", description="A channel of type webhook; the only one when this and `url` are empty."
    )
    url: str = Field(default="", description="Instead: an address, or `secret:KEY.NAME` that holds one.")
    method: Literal["POST", "PUT", "PATCH", "GET"] = Field(
        default="POST", description="Of a request to `url`."
    )
    headers: dict[str, str] = Field(
        default_factory=dict, description="Of a request to `url`; a value may be `secret:KEY.NAME`."
    )
    body: dict[str, Any] | list[Any] | str = Field(
        default="", description="Mapping, list or text with `${variables}`; the whole run as JSON when empty."
    )
    engine: _texts.Engine = Field(default="variables", description="Of a body that is a text.")
    content_type: str = Field(
        default="", description="Of a text; `application/json` when it looks like JSON, else `text/plain`."
    )

    @model_validator(mode="after")
    def _parses(self) -> Self:
        if isinstance(self.body, str):
            _texts.check(self.body, self.engine, "body")
        return self

    def flaws(self, outlook: Outlook) -> Iterator[Flaw]:
        return _texts.flaws_in(self, ("body",) if isinstance(self.body, str) else (), self.engine, outlook)

    def send(self, ctx: ReportContext) -> str:
        return ctx.deliver(self._connection(ctx), [self._message(ctx)])

    def _connection(self, ctx: ReportContext) -> Connection:
        if not self.url:
            return ctx.channel(self.channel, self.CHANNEL)
        headers = {name: ctx.expand(value) for name, value in self.headers.items()}
        own = {"type": "webhook", "url": ctx.expand(self.url), "method": self.method, "headers": headers}
        made = registry.parse("connections", own)
        assert isinstance(made, Connection)
        return made

    def _message(self, ctx: ReportContext) -> Message:
        if not self.body:
            ctx.uses(["scenarioRunURL"])
            return Message(body=_json(_facts.plain_facts(ctx)))
        if not isinstance(self.body, str):
            return Message(body=_json(_filled(self.body, ctx)))
        text = _texts.plain(self.body, ctx, self.engine)
        looks = text.lstrip()[:1] in ("{", "[")
        mime = self.content_type or ("application/json" if looks else "text/plain")
        if mime == "application/json":
            _check_json(text)
        return Message(body=text, mime=mime)


def _filled(value: Any, ctx: ReportContext) -> Any:
    """Every text in a nest filled in; one `${name}` alone keeps the type of the value."""
    if isinstance(value, str):
        return ctx.value(value)
    if isinstance(value, Mapping):
        return {ctx.expand(str(key)): _filled(inner, ctx) for key, inner in value.items()}
    return [_filled(inner, ctx) for inner in value] if isinstance(value, list) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _check_json(text: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise Invalid(
            f"With its variables filled in, the body is not JSON: {error}.",
            hint="Write it as a mapping; then it stays JSON whatever the variables hold.",
        ) from error
