"""The variables of a run: what steps, conditions, reporters and recipes can read of it, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from penstock.core.names import OF_RUN
from penstock.core.outcome import Outcome
from penstock.core.report import run_url
from penstock.core.scenario import Scenario, ScenarioRun, StepRun, slug

OF_REPORTERS = ("scenarioRunURL", "dssURL", "allEventsSummary")
"""Those that reporters give a value of their own."""
__all__ = ["OF_REPORTERS", "OF_RUN", "defined", "epoch", "for_recipes", "of_run", "summary"]
HEAVY = ("stepResult", "stepOutput", "stepOutcomes", "allEventsSummary")
"""Beginnings of names that recipes are not given: whole outputs of steps."""


def of_run(
    run: ScenarioRun, scenario: Scenario, steps: Sequence[StepRun], outcome: Outcome, *, base_url: str = ""
) -> dict[str, Any]:
    """Every variable of a run: what it began with, what its steps defined, and what is known of it.

    `stepOutcome_<name>`, `stepResult_<name>`, `stepOutput_<name>` exist for every step of the scenario, null for one
    that did not run (yet); a name with spaces also as a slug: `Step #2` → `stepOutcome_Step_2`.
    """
    return {
        **run.variables,
        **defined(steps),
        **_of_trigger(run),
        "outcome": str(outcome),
        "scenarioName": scenario.title or run.scenario,
        "scenarioId": run.scenario,
        "scenarioProjectKey": run.project,
        "scenarioRunId": run.id,
        "scenarioRunURL": run_url(base_url, run.project, run.scenario, run.id),
        "scenarioRunAs": run.run_as,
        "dssURL": base_url,
        "firstFailedJobName": _first_failed_job(steps),
        "allEventsSummary": summary(steps),
        **_of_steps(scenario, steps),
    }


def defined(steps: Sequence[StepRun]) -> dict[str, Any]:
    """The variables that steps set for the rest of the run; later ones win."""
    return {name: value for step in steps for name, value in step.variables.items()}


def for_recipes(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are handed to the jobs of a run."""
    return {name: value for name, value in variables.items() if not name.startswith(HEAVY)}


def summary(steps: Sequence[StepRun]) -> str:
    """What did not go well, a line a step: `FAILED Run checks: Data Drift is 0.71, above 0.7`; empty when all did."""
    bad = [s for s in steps if s.outcome not in (None, Outcome.SUCCESS)]
    return "\n".join(f"{s.outcome} {s.label}: {s.message}".rstrip(": ") for s in bad)


def epoch(moment: datetime | None) -> int | None:
    """Milliseconds since 1970."""
    return None if moment is None else round(moment.timestamp() * 1000)


def _of_trigger(run: ScenarioRun) -> dict[str, Any]:
    return {
        "triggerName": run.trigger,
        "triggerType": run.trigger_type,
        "scenarioTriggerParams": dict(run.params),
        "scenarioTriggerRunId": run.id,
        "scenarioTriggerTime": epoch(run.asked_at),
        **{f"scenarioTriggerParam_{name}": value for name, value in run.params.items()},
    }


def _of_steps(scenario: Scenario, steps: Sequence[StepRun]) -> dict[str, Any]:
    ran = [s for s in steps if s.state == "DONE"]
    found: dict[str, Any] = {
        "stepOutcomes": {s.label: str(s.outcome) for s in ran},
        "stepResults": {s.label: _result(s) for s in ran},
    }
    latest: dict[str, StepRun | None] = {**dict.fromkeys(scenario.labels), **{s.label: s for s in ran}}
    for label, step in latest.items():
        for name, value in _named(step):
            found[f"{name}_{label}"] = found[f"{name}_{slug(label)}"] = value
    return found


def _named(step: StepRun | None) -> Iterator[tuple[str, Any]]:
    yield "stepOutcome", str(step.outcome) if step else None
    yield "stepResult", _result(step) if step else None
    yield "stepOutput", step.output if step else None


def _result(step: StepRun) -> dict[str, Any]:
    failed = step.outcome in (Outcome.FAILED, Outcome.ABORTED)
    return {
        "type": step.type, "name": step.label, "outcome": str(step.outcome), "message": step.message,
        "start": epoch(step.started_at), "end": epoch(step.ended_at), "attempts": step.attempts,
        "jobs": list(step.jobs), **({"thrown": step.message} if failed else {}),
    }  # fmt: skip


def _first_failed_job(steps: Sequence[StepRun]) -> str:
    return next((s.jobs[-1] for s in steps if s.outcome is Outcome.FAILED and s.jobs), "")
