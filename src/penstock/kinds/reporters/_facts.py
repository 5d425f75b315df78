"""A run in words and numbers, as every reporter shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from penstock.core.outcome import Outcome, Verdict

if TYPE_CHECKING:
    from penstock.core.contexts import ReportContext
    from penstock.core.scenario import ScenarioRun

DONE = {
    Outcome.SUCCESS: "ended well",
    Outcome.WARNING: "ended with warnings",
    Outcome.FAILED: "failed",
    Outcome.ABORTED: "was aborted",
}

SO_FAR = {
    Outcome.SUCCESS: "is running",
    Outcome.WARNING: "has warnings so far",
    Outcome.FAILED: "has failed so far",
    Outcome.ABORTED: "is being aborted",
}
"""In the middle of a run: how it stands."""


def title(run: ScenarioRun) -> str:
    """The scenario as people call it."""
    return str(run.definition.get("title") or run.scenario)


def headline(ctx: ReportContext) -> str:
    """`Data drift monitor ended with warnings`, or that it has begun, or is running."""
    standing = ctx.standing
    if ctx.run.outcome:
        state = DONE[ctx.run.outcome]
    else:
        state = SO_FAR[standing] if standing else "is running" if ctx.steps else "has begun"
    return f"{title(ctx.run)} {state}"


def outcome(ctx: ReportContext) -> str:
    """The outcome of the run, or the one it would have if it ended after the steps so far; RUNNING before the first."""
    return ctx.standing.value if ctx.standing else "RUNNING"


def lead(ctx: ReportContext) -> str:
    """The one sentence to read: the worst that happened, or that nothing did."""
    outcome = ctx.run.outcome
    if outcome is None:
        bad = ctx.standing if ctx.standing not in (None, Outcome.SUCCESS) else Outcome.FAILED
        so_far = (ctx.standing is bad and _worst_check(ctx, bad)) or _worst_remark(ctx, bad)
        return f"So far: {so_far}" if so_far else f"Started by {trigger(ctx.run)}."
    if outcome is Outcome.SUCCESS:
        return _all_went_well(ctx)
    said = _worst_check(ctx, outcome) or _worst_remark(ctx, outcome) or ctx.run.message or "No step says why."
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _worst_check(ctx: ReportContext, outcome: Outcome) -> str:
    """`Check "Data Drift" of mes (May) warns: 0.592 (> 0.55)`, of the first check as bad as the run."""
    verdicts = {Outcome.FAILED: (Verdict.ERROR,), Outcome.WARNING: (Verdict.WARNING, Verdict.EMPTY)}
    bad = [c for c in ctx.checks() if c.verdict in verdicts.get(outcome, ())]
    if not bad:
        return ""
    first, more = bad[0], f", and {len(bad) - 1} more" if len(bad) > 1 else ""
    said = {Verdict.ERROR: "fails", Verdict.WARNING: "warns"}.get(first.verdict, "has nothing to judge")
    where = f"{first.item} ({first.evaluation})" if first.evaluation else first.item
    return f'Check "{first.name}" of {where} {said}: {first.message}{more}'


def _worst_remark(ctx: ReportContext, outcome: Outcome) -> str:
    worst = [r for r in ctx.remarks() if r.outcome is outcome] or list(ctx.remarks())
    return f"{worst[0].step}: {worst[0].text}" if worst else ""


def _all_went_well(ctx: ReportContext) -> str:
    ran = sum(s.state == "DONE" for s in ctx.steps)
    skipped = sum(s.state == "SKIPPED" for s in ctx.steps)
    steps = "One step ran" if ran == 1 else f"{ran} steps ran"
    failed = [s.label for s in ctx.steps if s.outcome is Outcome.FAILED]
    if failed:
        how = f"{steps}. {' and '.join(failed)} failed, and the scenario made up for it."
    else:
        how = f"{steps} and nothing went wrong."
    return how + (f" {_skipped(skipped)}" if skipped else "")


def _skipped(number: int) -> str:
    return "One step was not needed." if number == 1 else f"{number} steps were not needed."


def trigger(run: ScenarioRun) -> str:
    """What started the run: `trigger Weekly`, `a person`, `the API` …"""
    by_hand = {"manual": f"{run.asked_by} by hand", "api": f"{run.asked_by} through the API"}
    if run.trigger_type in by_hand:
        return by_hand[run.trigger_type]
    return "another scenario" if run.trigger_type == "scenario" else f"trigger {run.trigger}"


def seconds(run: ScenarioRun) -> float | None:
    """How long the run took; None while it has not ended."""
    return (run.ended_at - run.started_at).total_seconds() if run.started_at and run.ended_at else None


def duration(seconds: float | None) -> str:
    """`40 ms`, `1.4 s`, `12 s`, `2 min 31 s`, `1 h 5 min`; a dash for none."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(at: datetime | None) -> str:
    """`20 Nov 2026, 10:04 UTC`; a dash for none."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC" if at else "–"


def facts(ctx: ReportContext) -> dict[str, str]:
    """The run as short names and values: for chats, commands and rows."""
    run = ctx.run
    found = {
        "Outcome": outcome(ctx) if run.outcome or not ctx.standing else f"{outcome(ctx)} so far",
        "Scenario": title(run),
        "Project": run.project,
        "Started": moment(run.started_at),
        "Duration": duration(seconds(run)),
        "Trigger": trigger(run),
        "Run": run.id,
    }
    return {name: value for name, value in found.items() if value not in ("", "–")}


def plain_facts(ctx: ReportContext) -> Mapping[str, object]:
    """The run as values for programs."""
    run = ctx.run
    return {
        "run": run.id, "project": run.project, "scenario": run.scenario, "scenario_name": title(run),
        "outcome": run.outcome.value if run.outcome else "", "trigger": run.trigger, "trigger_type": run.trigger_type,
        "asked_by": run.asked_by, "run_as": run.run_as, "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at), "duration_seconds": seconds(run), "url": ctx.link,
        "summary": ctx.variables.get("allEventsSummary", ""),
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
