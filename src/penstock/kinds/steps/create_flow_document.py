"""Create Flow document: the whole project, described, as a file in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from penstock.core.names import Points, check_name
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class CreateFlowDocument(Step):
    """Puts the document of the Flow into a managed folder as Word, PDF or Markdown. No browser is needed.

    A template of yours is a .docx with placeholders and loops, in a managed folder; what it asks for and nobody knows
    is told in the log, and the step warns.

    Example:
        type: create_flow_document
        folder: reports
        form: pdf
    """

    folder: Annotated[str, AfterValidator(check_name), Points("other", ("folder",))] = Field(
        description="The managed folder it goes into."
    )
    form: Literal["docx", "pdf", "md"] = Field(
        default="docx", description="md: Markdown with its pictures, as a zip."
    )
    template: str = Field(default="", description="Path of a .docx of yours; our own outline when empty.")
    template_folder: str = Field(
        default="", description="The managed folder of the template; the same one when empty."
    )
    file: str = Field(default="", description="Path in the folder; named after the project when empty.")
    timestamp: bool = Field(default=False, description="The time in the name, so that earlier ones stay.")

    def run(self, ctx: StepContext) -> StepResult:
        path, warnings = ctx.create_flow_document(
            self.folder, form=self.form, template=ctx.expand(self.template), template_folder=self.template_folder,
            file=ctx.expand(self.file), timestamp=self.timestamp,
        )  # fmt: skip
        ctx.log.info(f"The document of the Flow lies in folder {self.folder} as {path}.")
        for warning in warnings:
            ctx.log.warning(warning)
        outcome = Outcome.WARNING if warnings else Outcome.SUCCESS
        return StepResult(outcome, output={"folder": self.folder, "file": path, "warnings": list(warnings)})
