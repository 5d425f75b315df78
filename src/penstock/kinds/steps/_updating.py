"""What steps that update a deployment have in common: what came of it, as the outcome of a step."""

from __future__ import annotations

from penstock.core.outcome import Outcome
from penstock.core.scenario import StepResult
from penstock.core.update import Update


def result(update: Update) -> StepResult:
    """SUCCESS or WARNING as the update ended; FAILED also for one that was aborted."""
    worked = update.worked
    said = [m.text for m in update.messages if m.severity != "INFO"]
    output = {
        "deployment": update.deployment, "update": update.id, "package": update.package, "state": str(update.state)
    }  # fmt: skip
    message = " ".join(said) if worked else f"Deployment {update.deployment} was not updated: {update.error}"
    outcome = update.state.outcome if worked else Outcome.FAILED
    return StepResult(outcome, output=output, message=message)
