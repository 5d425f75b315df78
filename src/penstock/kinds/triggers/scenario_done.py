"""ScenarioDone: another scenario has finished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.names import ScenarioName
from penstock.core.outcome import Outcome
from penstock.core.trigger import Firing, Polled

if TYPE_CHECKING:
    from penstock.core.contexts import TriggerContext
    from penstock.core.scenario import ScenarioRun

LATE = timedelta(minutes=10)
"""A run may become visible so long after the moment it ended at, for clocks of machines differ."""


class ScenarioDone(Polled):
    """Starts the scenario after another one, of this or another project, has finished with a chosen outcome.

    Each finished run counts once, also those that finished while this scenario itself was running.

    Example:
        type: scenario_done
        scenario: check_drift
        outcomes: [FAILED]
    """

    BASELINE: ClassVar[bool] = True
    QUICK: ClassVar[bool] = True

    scenario: ScenarioName = Field(description="The scenario to follow.")
    project: str = Field(default="", description="Key of its project; this one when empty.")
    outcomes: tuple[Outcome, ...] = Field(
        default=tuple(Outcome), min_length=1, description="How it must have ended; any outcome when left out."
    )
    check: float = Field(default=60.0, ge=1, description="Seconds between two looks.")

    @property
    def words(self) -> str:
        where = f"{self.project}." if self.project else ""
        ended = "" if len(self.outcomes) == len(Outcome) else f" ended {' or '.join(self.outcomes)}"
        return f"after scenario {where}{self.scenario}{ended}"

    def fires(self, ctx: TriggerContext) -> Firing | None:
        if ctx.state.memory is None:
            since = ctx.now - LATE
            return Firing(memory=_memory(since, self._runs(ctx, since)), fire=False)
        since, known = datetime.fromisoformat(ctx.state.memory["since"]), set(ctx.state.memory["runs"])
        runs = self._runs(ctx, since)
        fresh = [run for run in runs if run.id not in known]
        wanted = [run for run in fresh if run.outcome in self.outcomes]
        later = {run.id for run in wanted[1:]}
        if not fresh:
            return None
        memory = _memory(since, [run for run in runs if run.id not in later], upto=_earliest(wanted[1:]))
        if not wanted:
            return Firing(memory=memory, fire=False)
        return Firing(params=_told(wanted[0]), memory=memory, again_in=0 if later else None)

    def _runs(self, ctx: TriggerContext, since: datetime) -> Sequence[ScenarioRun]:
        return ctx.runs(self.scenario, project=self.project, since=since)


def _told(run: ScenarioRun) -> dict[str, str]:
    return {"scenario": run.scenario, "project": run.project, "run": run.id, "outcome": str(run.outcome)}


def _memory(since: datetime, seen: Sequence[ScenarioRun], upto: datetime | None = None) -> dict[str, Any]:
    """From when on to look again, and what was seen of that already. By the clocks of the runs, not by ours."""
    ends = [run.ended_at for run in seen if run.ended_at]
    newest = min(max(ends, default=since), upto or datetime.max.replace(tzinfo=UTC))
    since = max(since, newest - LATE)
    return {"since": since.isoformat(), "runs": [r.id for r in seen if r.ended_at and r.ended_at >= since]}


def _earliest(runs: Sequence[ScenarioRun]) -> datetime | None:
    return min((run.ended_at for run in runs if run.ended_at), default=None)
