"""Inside a scenario: `from penstock.scenario import Scenario`; inside a trigger: `… import Trigger`."""

from __future__ import annotations

from penstock.sdk.scenario import MessageSender, Scenario, StepDone, StepFailed
from penstock.sdk.trigger import Trigger

__all__ = ["MessageSender", "Scenario", "StepDone", "StepFailed", "Trigger"]
