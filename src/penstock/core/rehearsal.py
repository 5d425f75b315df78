"""Rehearsal: which steps of a scenario would run, and how it would end, if its steps ended as somebody supposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penstock.core.errors import Invalid, NotFound, PenstockError, UndefinedVariable
from penstock.core.outcome import Outcome
from penstock.core.scenario import Scenario, Step, after, asked, settled, slug


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One step: whether it would run, why, and the outcome of the whole run after it."""

    label: str
    type: str
    runs: bool
    why: str
    outcome: Outcome | None
    """What it would count as; None when it is skipped."""
    afterwards: Outcome
    """The outcome of the run if it ended here."""


def rehearse(
    scenario: Scenario, outcomes: Mapping[str, Outcome], names: Mapping[str, Any] | None = None
) -> list[Rehearsed]:
    """The way through a scenario of steps; those not named in `outcomes` (by name or slug) are SUCCESS.

    `names` are further variables that conditions read. Raises NotFound for a step there is not.
    """
    if scenario.kind == "python":
        raise Invalid("What a script does is known only when it runs.", hint="Steps can be rehearsed.")
    supposed = {_label(scenario, name): Outcome(outcome) for name, outcome in outcomes.items()}
    known = dict(names or {})
    state, found = Outcome.SUCCESS, list[Rehearsed]()
    for position, step in enumerate(scenario.steps):
        label = scenario.label(position)
        runs, why, outcome = _one(step, state, known, supposed.get(label, Outcome.SUCCESS))
        state = after(step, state, outcome) if outcome else state
        text = str(outcome) if outcome else None
        known |= {f"stepOutcome_{label}": text, f"stepOutcome_{slug(label)}": text}
        found.append(Rehearsed(label, step.kind_name(), runs, why, outcome, state))
    return found


def _one(
    step: Step, state: Outcome, names: Mapping[str, Any], outcome: Outcome
) -> tuple[bool, str, Outcome | None]:
    try:
        ask = asked(step, state, {**names, "outcome": str(state)})
    except UndefinedVariable as missing:
        return (
            True,
            f"It depends on {missing.name}, which is known only when it runs.",
            settled(step, outcome),
        )
    except PenstockError as error:
        return False, f"Its condition cannot be judged, so it fails: {error}", settled(step, Outcome.FAILED)
    return ask.runs, ask.why, settled(step, outcome) if ask.runs else None


def _label(scenario: Scenario, name: str) -> str:
    known = {word: label for label in scenario.labels for word in (label, slug(label))}
    if name not in known:
        raise NotFound("step", name, among=scenario.labels)
    return known[name]
