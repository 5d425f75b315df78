"""Scenarios in words: when a step runs, how it counts, how long something took."""

from __future__ import annotations

from datetime import datetime

from penstock.core.outcome import Outcome
from penstock.core.scenario import OnCondition, OnOutcome, RunState, ScenarioRun, Step

MARKS = {
    Outcome.SUCCESS: "✓", Outcome.WARNING: "!", Outcome.FAILED: "✗", Outcome.ABORTED: "■",
    RunState.QUEUED: "…", RunState.RUNNING: "▶", RunState.CANCELLED: "·", RunState.MISSED: "○",
}  # fmt: skip
"""One sign a run, for strips."""


def condition(step: Step) -> str:
    """When a step runs: `if some prior step failed`."""
    if not step.enabled:
        return "switched off"
    match step.run_if:
        case OnOutcome(outcome=wanted):
            return f"if the outcome so far is {' or '.join(wanted)}"
        case OnCondition(condition=formula):
            return f"if {formula}"
        case "always" | "never":
            return str(step.run_if)
    return f"if {step.run_if}"


def counts(step: Step) -> str:
    """What else was decided about a step: retries, what its outcome counts as, how long it may take."""
    tries = f"{step.retries} more tr{'y' if step.retries == 1 else 'ies'}, {step.retry_delay:g} s apart"
    said = {
        "forgets the outcome so far": step.reset_failure,
        tries: step.retries > 0,
        "FAILED counts as WARNING": step.proceed_on_failure,
        f"WARNING counts as {step.warnings_as}": step.warnings_as is not Outcome.WARNING,
        f"at most {step.timeout or 0:g} s": step.timeout is not None,
    }
    return ", ".join(words for words, holds in said.items() if holds)


def standing(run: ScenarioRun) -> Outcome | RunState:
    """How a run ended, or where it is: its outcome once it has ended, its state otherwise."""
    return run.outcome if run.state is RunState.DONE and run.outcome else run.state


def strip(runs: list[ScenarioRun]) -> str:
    """Runs, newest first, as one sign each, oldest first: `✓✓!✗`."""
    return "".join(MARKS[standing(run)] for run in reversed(runs))


def seconds(begun: datetime | None, ended: datetime | None) -> float | None:
    """How long something took."""
    return None if begun is None or ended is None else round((ended - begun).total_seconds(), 2)
