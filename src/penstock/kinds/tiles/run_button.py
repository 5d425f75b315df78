"""Run button: starts a scenario from a dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.names import ScenarioName
from penstock.core.tile import Button, Content, Tile, content

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext


class RunButtonTile(Tile):
    """A button that starts a scenario. It runs as whoever the scenario runs as; who pressed it stands in the run and in
    the audit log. While it runs the button shows how long, and Abort.

    Example:
        type: run_button
        scenario: retrain_model
        says: Retrain now
    """

    LABEL: ClassVar[str] = "Scenario: run button"
    SIZE: ClassVar[tuple[int, int]] = (6, 4)

    scenario: ScenarioName = Field(description="The scenario it starts.")
    says: str = Field(default="", description="On the button; `Run …` when empty.")

    def about(self, ctx: TileContext) -> str:
        known = ctx.project.scenarios.get(self.scenario)
        return (known.title if known else "") or self.scenario

    def data(self, ctx: TileContext) -> Content:
        newest = next(iter(ctx.runs(self.scenario, last=1)), None)
        is_running = newest is not None and newest.state in ("RUNNING", "QUEUED")
        button = Button(
            scenario=self.scenario, says=ctx.expand(self.says) or f"Run {self.about(ctx)}",
            running=newest.id if newest and is_running else "",
            started_at=newest.at if newest and is_running else None, disabled=ctx.may_run(self.scenario),
        )  # fmt: skip
        return content(button, as_of=newest.at if newest else None)
