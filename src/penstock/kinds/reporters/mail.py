"""Mail: tells people by mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from penstock.core.errors import Invalid, PenstockError, did_you_mean
from penstock.core.message import Attachment, Message
from penstock.core.reporter import Flaw, Outlook, Reporter
from penstock.kinds.reporters import _attached, _people, _texts
from penstock.kinds.reporters._attached import Attached, DatasetFile, Table
from penstock.kinds.reporters._letter import Letter, letter
from penstock.kinds.reporters._own_page import own_page
from penstock.kinds.reporters._people import People, Recipient

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext

SUBJECT = "[${projectKey}] ${scenarioName}: ${outcome}"
"""What is sent when nobody wrote a subject; `${…}` in either engine."""
TEMPLATES = "templates"
PEOPLE: dict[str, Any] = {"widget": "people"}
"""How a form asks for addresses."""
Recipients = Annotated[People, AfterValidator(_people.check)]


class Mail(Reporter):
    """A mail to people: a letter written by itself, a template of the project, or a text of your own.

    Without `body` and `template` the letter says what happened, why, what the checks saw and allow, and shows how
    Data Drift went. `${variables}` may stand in recipients, subject and body; a name without a value becomes empty
    and is noted on the run.

    Example:
        type: mail
        name: Warn the team
        channel: office
        to: [mlops@example.org, 'Ann <ann@example.org>']
        when: stepOutcome_MES_Warn == 'WARNING'
        subject: Scenario "${scenarioName}" issued a warning.
        attachments: [log, {dataset: checks_of_mes, form: table}]
    """

    CHANNEL: ClassVar[str] = "smtp"
    MAIN: ClassVar[tuple[str, ...]] = (
        "to",
        "channel",
        "subject",
        "body",
        "attachments",
        "on",
        "when",
        "active",
    )

    channel: str = Field(
        default="", description="The mail server, a channel of type smtp; the only one when empty."
    )
    to: Recipients = Field(
        description="`a@x, b@y`, a list, JSON, or `{a@x: {name: Ann}}`, which sends everybody a mail of their own "
        "with ${mailVariables_name}.",
        json_schema_extra=PEOPLE,
    )
    cc: Recipients = Field(default=(), description="Who sees a copy.", json_schema_extra=PEOPLE)
    bcc: Recipients = Field(
        default=(), description="Who gets a copy that the others do not see.", json_schema_extra=PEOPLE
    )
    sender: str = Field(default="", description="From whom; the channel's sender when empty.")
    subject: str = Field(
        default=SUBJECT,
        description="One line; `${variables}` or Jinja.",
    )
    body: str = Field(
        default="",
        description="The text, plain or HTML; empty: a letter that says what happened, why, and how the drift went.",
    )
    template: str = Field(default="", description="A file in the project's `templates/`, instead of `body`.")
    format: Literal["auto", "html", "text"] = Field(
        default="auto", description="What body or template are; auto: HTML when they begin with a tag."
    )
    engine: _texts.Engine = Field(
        default="variables", description="variables: `${name}`. jinja: `{{ name }}`, loops, conditions."
    )
    attachments: tuple[Attached, ...] = Field(
        default=(),
        description="`log`, `{dataset: NAME, form: csv}`, `{folder: NAME, file: PATH}`, `{evaluation: STORE}`, "
        "`{dashboard: NAME}`.",
    )
    most_megabytes: float = Field(default=20.0, gt=0, description="Attachments beyond this are left out.")

    @model_validator(mode="after")
    def _one_body_that_parses(self) -> Self:
        if self.body and self.template:
            raise ValueError("Give a `body` or a `template`, not both.")
        _texts.check(self.subject, self._engine_of_subject, "subject")
        _texts.check(self.body, self.engine, "body")
        return self

    @property
    def _engine_of_subject(self) -> _texts.Engine:
        return "variables" if self.subject == SUBJECT else self.engine

    def flaws(self, outlook: Outlook) -> Iterator[Flaw]:
        ours = replace(outlook, unknown=lambda name: "" if self._gives(name) else outlook.unknown(name))
        in_engine = ("body",) if self.subject == SUBJECT else ("subject", "body")
        yield from _texts.flaws_in(self, in_engine, self.engine, ours)
        if self.template:
            yield from self._flaws_of_template(ours)

    def _gives(self, name: str) -> bool:
        """Whether a mail has a value for this by itself."""
        return name == "driftChart" or name.startswith("mailVariables_")

    def _flaws_of_template(self, outlook: Outlook) -> Iterator[Flaw]:
        file = f"{TEMPLATES}/{self.template}"
        text = outlook.read(file)
        if text is None:
            near = did_you_mean(self.template, outlook.files)
            yield ("template",), f"There is no file {file} in the project.{near}"
        else:
            said = _texts.flaws(("template",), text, self.engine, outlook)
            yield from ((path, f"{file}: {message}") for path, message in said)

    def send(self, ctx: ReportContext) -> str:
        channel = ctx.channel(self.channel, self.CHANNEL)
        people = _people.recipients(self.to, ctx)
        if not people:
            raise Invalid("Nobody to write to: `to` is empty.")
        files, tables = self._attached(ctx)
        if _people.individual(self.to, people):
            messages = [self._message(ctx, [one], files, tables) for one in people]
        else:
            messages = [self._message(ctx, people, files, tables)]
        return ctx.deliver(channel, messages)

    def _message(
        self, ctx: ReportContext, people: Sequence[Recipient], files: Sequence[Attachment], tables: Sequence[Table]
    ) -> Message:  # fmt: skip
        own = {f"mailVariables_{name}": value for name, value in people[0].variables.items()}
        subject = _texts.plain(self.subject, ctx, self._engine_of_subject, **own)
        written = self._written(ctx, tables, own)
        return Message(
            subject=subject, text=written.text, html=written.html, sender=ctx.expand(self.sender),
            to=tuple(one.address for one in people), cc=_people.addresses(self.cc, ctx),
            bcc=_people.addresses(self.bcc, ctx), attachments=(*written.images, *files),
        )  # fmt: skip

    def _written(self, ctx: ReportContext, tables: Sequence[Table], own: Mapping[str, Any]) -> Letter:
        """The letter of ours, the person's own page, or a plain text."""
        text = ctx.template(self.template) if self.template else self.body
        if not text.strip():
            return letter(ctx, tables)
        by_itself = self.format == "auto" and (_texts.looks_like_html(text) or bool(tables))
        if self.format == "html" or by_itself:
            return own_page(text, ctx, self.engine, tables, **own)
        return Letter("", _texts.plain(text, ctx, self.engine, **own))

    def _attached(self, ctx: ReportContext) -> tuple[list[Attachment], list[Table]]:
        """Files and tables; one that cannot be made, or is too much, is noted and left out."""
        files: list[Attachment] = []
        tables: list[Table] = []
        for wanted in self.attachments:
            try:
                files += self._that_fit(_attached.files(wanted, ctx), files, ctx)
                if isinstance(wanted, DatasetFile) and wanted.form == "table":
                    tables.append(_attached.table(wanted, ctx))
            except (PenstockError, OSError) as error:
                ctx.note(f"An attachment could not be made: {error}")
        return files, tables

    def _that_fit(
        self, fresh: Sequence[Attachment], there: Sequence[Attachment], ctx: ReportContext
    ) -> list[Attachment]:  # fmt: skip
        room = self.most_megabytes * 1e6 - sum(len(a.content) for a in there)
        fitting: list[Attachment] = []
        for attachment in fresh:
            room -= len(attachment.content)
            if room >= 0:
                fitting.append(attachment)
            else:
                size = len(attachment.content) / 1e6
                ctx.note(
                    f"{attachment.name} ({size:.1f} MB) was not attached: {self.most_megabytes:g} MB at most."
                )
        return fitting
