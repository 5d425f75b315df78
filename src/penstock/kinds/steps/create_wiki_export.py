"""Create wiki export: articles as a file in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from penstock.core.names import Points, check_name
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class CreateWikiExport(Step):
    """Puts the wiki, or an article with those below it, into a managed folder as PDF or HTML. No browser is needed.

    Example:
        type: create_wiki_export
        article: deployment
        folder: reports
        file: deployment-${day|default:now}.pdf
        attachments: false
    """

    folder: Annotated[str, AfterValidator(check_name), Points("other", ("folder",))] = Field(
        description="The managed folder it goes into."
    )
    article: str = Field(default="", description="Name or title of an article; the whole wiki when empty.")
    children: bool = Field(default=True, description="The articles below it, too.")
    form: Literal["pdf", "html"] = Field(default="pdf", description="html: one file with everything inside.")
    paper: str = Field(default="A4", description="A4, A3, letter, ledger, each with ` landscape`.")
    attachments: bool = Field(
        default=False, description="What is attached to the articles, too; it is a zip then."
    )
    file: str = Field(default="", description="Path in the folder; named after the article when empty.")

    def run(self, ctx: StepContext) -> StepResult:
        path = ctx.export_wiki(
            ctx.expand(self.article), self.folder, children=self.children, form=self.form,
            paper=ctx.expand(self.paper), attachments=self.attachments, file=ctx.expand(self.file),
        )  # fmt: skip
        ctx.log.info(f"The wiki lies in folder {self.folder} as {path}.")
        return StepResult(Outcome.SUCCESS, output={"folder": self.folder, "file": path})
