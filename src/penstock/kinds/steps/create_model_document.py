"""Create model document: a version of a model, described, as a file in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from penstock.core.names import Points, check_name
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class CreateModelDocument(Step):
    """Puts the document of a model version into a managed folder as Word, PDF or Markdown. No browser is needed.

    A template of yours is a .docx with placeholders, in a managed folder; what it asks for and nobody knows is told in
    the log, and the step warns.

    Example:
        type: create_model_document
        model: authorized
        folder: reports
        timestamp: true
    """

    model: Annotated[str, AfterValidator(check_name), Points("other", ("model",))] = Field(
        description="The saved model."
    )
    folder: Annotated[str, AfterValidator(check_name), Points("other", ("folder",))] = Field(
        description="The managed folder it goes into."
    )
    version: str = Field(default="", description="Id of a version; the active one when empty.")
    form: Literal["docx", "pdf", "md"] = Field(
        default="docx", description="md: Markdown with its pictures, as a zip."
    )
    template: str = Field(default="", description="Path of a .docx of yours; our own outline when empty.")
    template_folder: str = Field(
        default="", description="The managed folder of the template; the same one when empty."
    )
    file: str = Field(default="", description="Path in the folder; named after model and version when empty.")
    timestamp: bool = Field(default=False, description="The time in the name, so that earlier ones stay.")

    def run(self, ctx: StepContext) -> StepResult:
        path, warnings = ctx.create_model_document(
            self.model, self.folder, version=ctx.expand(self.version), form=self.form,
            template=ctx.expand(self.template), template_folder=self.template_folder,
            file=ctx.expand(self.file), timestamp=self.timestamp,
        )  # fmt: skip
        ctx.log.info(f"The document of model {self.model} lies in folder {self.folder} as {path}.")
        for warning in warnings:
            ctx.log.warning(warning)
        outcome = Outcome.WARNING if warnings else Outcome.SUCCESS
        return StepResult(outcome, output={"folder": self.folder, "file": path, "warnings": list(warnings)})
