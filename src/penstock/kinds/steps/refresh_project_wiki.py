"""Refresh project wiki: what writes itself is brought up to date, or only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class RefreshProjectWiki(Step):
    """Brings the project wiki up to date, or checks that it is: an article that is not makes the step FAILED.

    Example:
        type: refresh_project_wiki
        do: check
    """

    do: Literal["refresh", "check"] = Field(
        default="refresh",
        description="refresh: write what changed; check: only look, and fail when it is not true.",
    )

    def run(self, ctx: StepContext) -> StepResult:
        if self.do == "refresh":
            written = ctx.refresh_wiki()
            ctx.log.info(f"Articles that are new or say something else: {', '.join(written) or 'none'}.")
            return StepResult(Outcome.SUCCESS, output={"written": list(written)})
        wrong = ctx.untrue_articles()
        for article, why in wrong.items():
            ctx.log.info(f"{article}: {why}")
        outcome = Outcome.FAILED if wrong else Outcome.SUCCESS
        return StepResult(outcome, output={"wrong": dict(wrong)})
