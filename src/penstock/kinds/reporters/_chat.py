"""What short messages have in common: a text of one's own, or the one sentence to read, and the facts of the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.message import Message
from penstock.core.reporter import Flaw, Outlook, Reporter
from penstock.kinds.reporters import _facts, _texts

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext

SHOWN = ("Outcome", "Project", "Duration", "Trigger")


class Chat(Reporter):
    """A short message: a title, a text, the facts, a link."""

    message: str = Field(
        default="",
        description="The text; `${variables}` or Jinja. What happened, in one sentence, when empty.",
    )
    engine: _texts.Engine = Field(
        default="variables", description="variables: `${name}`. jinja: `{{ name }}`, loops, conditions."
    )
    show_facts: bool = Field(
        default=True, description="Show outcome, project, duration and trigger below the text."
    )

    @model_validator(mode="after")
    def _parses(self) -> Self:
        _texts.check(self.message, self.engine, "message")
        return self

    def flaws(self, outlook: Outlook) -> Iterator[Flaw]:
        return _texts.flaws_in(self, ("message",), self.engine, outlook)

    def _message(self, ctx: ReportContext, room: str = "") -> Message:
        ctx.uses(["scenarioRunURL"])
        text = _texts.plain(self.message, ctx, self.engine) if self.message else _facts.lead(ctx)
        facts = {
            name: value for name, value in _facts.facts(ctx).items() if name in SHOWN and self.show_facts
        }
        return Message(
            subject=_facts.headline(ctx), text=text, facts=facts, link=ctx.link, room=ctx.expand(room),
            outcome=ctx.run.outcome.value if ctx.run.outcome else "",
        )  # fmt: skip


def connection(type: str, name: str, url: str, ctx: ReportContext) -> Connection:
    """The connection a reporter names, or the one it is by giving an address of its own."""
    if not url:
        return ctx.channel(name, type)
    made = registry.parse("connections", {"type": type, "url": url})
    assert isinstance(made, Connection)
    return made
