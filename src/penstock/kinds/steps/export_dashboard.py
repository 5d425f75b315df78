"""Export dashboard: a dashboard as a file in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from penstock.core.names import Points, check_name
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class ExportDashboard(Step):
    """Puts a dashboard, as it is now, into a managed folder as PDF, PNG or JPG. No browser is needed.

    Example:
        type: export_dashboard
        dashboard: default
        folder: reports
        file: drift-${month|default:now}.pdf
        filters: carrier:in("UA","AA")
    """

    dashboard: str = Field(min_length=1, description="Name of the dashboard.")
    folder: Annotated[str, AfterValidator(check_name), Points("other", ("folder",))] = Field(
        description="The managed folder it goes into."
    )
    file: str = Field(default="", description="Path in the folder; the dashboard's name when empty.")
    form: Literal["pdf", "png", "jpg"] = Field(
        default="pdf", description="png, jpg: a picture; several pages come as a zip of pictures."
    )
    paper: str = Field(
        default="A4 landscape",
        description="A4, letter, each with ` landscape`; screen, or pixels as 1600x900.",
    )
    filters: str = Field(default="", description='Page filters, as an address says them: `carrier:in("UA")`.')

    def run(self, ctx: StepContext) -> StepResult:
        path = ctx.export_dashboard(
            ctx.expand(self.dashboard), self.folder, file=ctx.expand(self.file), form=self.form,
            paper=ctx.expand(self.paper), filters=ctx.expand(self.filters),
        )  # fmt: skip
        ctx.log.info(f"Dashboard {self.dashboard} lies in folder {self.folder} as {path}.")
        return StepResult(Outcome.SUCCESS, output={"folder": self.folder, "file": path})
