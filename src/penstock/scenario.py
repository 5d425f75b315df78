"""Inside a scenario: `from penstock.scenario import Scenario`."""

from __future__ import annotations

from penstock.sdk.scenario import MessageSender, Scenario, StepDone, StepFailed

__all__ = ["MessageSender", "Scenario", "StepDone", "StepFailed"]
