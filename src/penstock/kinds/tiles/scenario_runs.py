"""Scenario runs: what a scenario did lately."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.names import ScenarioName
from penstock.core.tile import Content, Runs, Tile, content, notice

if TYPE_CHECKING:
    from penstock.core.contexts import TileContext

DAYS = {"": 0, "24 hours": 1, "7 days": 7, "30 days": 30, "90 days": 90}


class ScenarioRunsTile(Tile):
    """The last runs of a scenario, newest first, as a strip of signs or as a list with start, duration and trigger.

    Example:
        type: scenario_runs
        scenario: retrain_model
        show: list
        range: 30 days
    """

    LABEL: ClassVar[str] = "Scenario: last runs"

    scenario: ScenarioName = Field(description="The scenario.")
    show: Literal["strip", "list"] = Field(default="list", description="Signs in a row, or one line a run.")
    range: Literal["", "24 hours", "7 days", "30 days", "90 days"] = Field(
        default="", description="Only runs of so long; all when left out."
    )
    last: int = Field(default=20, ge=1, le=500, description="So many runs at most.")

    def about(self, ctx: TileContext) -> str:
        known = ctx.project.scenarios.get(self.scenario)
        return f"Last runs of {known.title or self.scenario if known else self.scenario}"

    def data(self, ctx: TileContext) -> Content:
        days = DAYS[self.range]
        since = ctx.clock.now() - timedelta(days=days) if days else None
        runs = ctx.runs(self.scenario, last=self.last, since=since)
        upcoming = ctx.next_run(self.scenario)
        if not runs:
            lately = f" in the last {self.range}" if self.range else " yet"
            return notice(f"{self.scenario} has not run{lately}.", "Run it, or switch its triggers on.")
        shown = Runs(
            scenario=self.scenario, runs=tuple(runs), form=self.show, next_run=upcoming,
            average_seconds=ctx.usual_seconds(self.scenario),
        )  # fmt: skip
        return content(shown, as_of=runs[0].at)
