"""The scenario API: what a script of a scenario can do. Only inside a scenario."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penstock.core.errors import Failed, NotReady, PenstockError

ADDRESS = "PENSTOCK_SCENARIO"


@dataclass(frozen=True, slots=True)
class StepDone:
    """What came of a step: SUCCESS, WARNING or FAILED, and its output."""

    name: str
    type: str
    outcome: str
    output: Any
    message: str
    jobs: Sequence[str]


class StepFailed(Failed):
    """A step that ended FAILED; `.step` is what came of it."""

    def __init__(self, step: StepDone) -> None:
        self.step = step
        super().__init__(f"Step {step.name} failed. {step.message}".rstrip())


class Scenario:
    """The run this script belongs to.

    Every call that does something shows up as a part of the step in the run, waits until it is done, and raises
    StepFailed when it fails, unless `fail_fatal=False` is given. `name` is what variables call it:
    `stepOutcome_<name>`.
    """

    def __init__(self) -> None:
        address = os.environ.get(ADDRESS, "")
        if not address:
            raise NotReady(
                "This is not running inside a scenario, so there is no run to speak of.",
                hint="Put the code into a Python scenario or a python step; outside, use penstock.open().",
            )
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(address)
        self._lines = self._connection.makefile("rwb")
        self._turn = threading.Lock()

    # doing --------------------------------------------------------------------------------------------------------

    def run_step(
        self, step: Mapping[str, Any], *, name: str = "", fail_fatal: bool = True, **settings: Any
    ) -> StepDone:
        """Run any step, written as in YAML: `{"type": "build", "items": ["flights"]}`."""
        given = {**step, **({"name": name} if name else {}), **settings}
        done = StepDone(**self._ask("step", step=given))
        if done.outcome in ("FAILED", "ABORTED") and fail_fatal:
            raise StepFailed(done)
        return done

    def build(self, *items: str, mode: str = "required", **settings: Any) -> StepDone:
        """Build items, `zone:NAME` or `*`. Modes: required, all, only, downstream, outputs."""
        return self.run_step({"type": "build", "items": list(items), "mode": mode}, **settings)

    def build_dataset(self, name: str, mode: str = "required", **settings: Any) -> StepDone:
        return self.build(name, mode=mode, **{"name": "", **settings})

    build_folder = build_dataset
    build_evaluation_store = build_dataset

    def train_model(self, name: str, **settings: Any) -> StepDone:
        """Train a model: a new version."""
        return self.build(name, mode="only", **settings)

    def clear(self, *items: str, **settings: Any) -> StepDone:
        """Empty managed datasets, folders, evaluation stores."""
        return self.run_step({"type": "clear", "items": list(items)}, **settings)

    def compute_metrics(self, *items: str, **settings: Any) -> StepDone:
        return self.run_step({"type": "compute_metrics", "items": list(items)}, **settings)

    def run_checks(self, *items: str, **settings: Any) -> StepDone:
        """Judge items by their latest metrics. An ERROR fails the step."""
        return self.run_step({"type": "run_checks", "items": list(items)}, **settings)

    compute_dataset_metrics = compute_metrics
    run_dataset_checks = run_checks

    def run_scenario(
        self, scenario: str, project: str = "", params: Mapping[str, Any] | None = None, **settings: Any
    ) -> StepDone:
        """Run another scenario as the same user and wait for it; its outcome is the step's."""
        step = {
            "type": "run_scenario",
            "scenario": scenario,
            "project": project,
            "params": dict(params or {}),
        }
        return self.run_step(step, **settings)

    def sql(self, query: str, limit: int = 1000, **settings: Any) -> StepDone:
        """Ask datasets of the project; `.output["rows"]` are the rows."""
        return self.run_step({"type": "sql", "query": query, "limit": limit}, **settings)

    execute_sql = sql

    def reload_schema(self, *datasets: str, **settings: Any) -> StepDone:
        """Write the columns the data has now to the definitions."""
        return self.run_step({"type": "reload_schema", "items": list(datasets)}, **settings)

    def promote_model(
        self, model: str, metric: str = "ROC AUC", by: float = 0.0, **settings: Any
    ) -> StepDone:
        """Make the newest version the active one if it is better."""
        return self.run_step(
            {"type": "promote_model", "model": model, "metric": metric, "by": by}, **settings
        )

    def set_variables(self, values: Mapping[str, Any] | None = None, **more: Any) -> StepDone:
        """Set variables of this run: for later steps, for reporters, for recipes of jobs it starts."""
        return self.run_step({"type": "define_variables", "values": {**(values or {}), **more}})

    set_scenario_variables = set_variables

    def set_project_variables(
        self, values: Mapping[str, Any] | None = None, *, local: bool = False, **more: Any
    ) -> StepDone:
        """Set variables of the project, which stay."""
        given = {**(values or {}), **more}
        return self.run_step({"type": "set_project_variables", "values": given, "local": local})

    def message_sender(self, channel: str = "", type: str = "mail") -> MessageSender:
        """Sends messages through a connection of the node, or through its only one of that type."""
        return MessageSender(self, channel, type)

    get_message_sender = message_sender

    def set_output(self, value: Any) -> None:
        """What later steps read as `stepOutput_<name>` of this script's step."""
        self._ask("output", value=value)

    # knowing ------------------------------------------------------------------------------------------------------

    def get_all_variables(self) -> dict[str, Any]:
        """Every variable as it is now: of the run, the project, the node."""
        found: dict[str, Any] = self._ask("variables")
        return found

    def get_trigger_name(self) -> str:
        return str(self.get_all_variables()["triggerName"])

    def get_trigger_type(self) -> str:
        return str(self.get_all_variables()["triggerType"])

    def get_trigger_params(self) -> dict[str, Any]:
        """What the trigger, or whoever started the run, gave it."""
        return dict(self.get_all_variables()["scenarioTriggerParams"])

    def steps(self) -> list[StepDone]:
        """What was done so far in this run, by steps before this one and by this script."""
        return [StepDone(**told) for told in self._ask("steps")]

    def get_previous_steps_outputs(self) -> list[dict[str, Any]]:
        """The outputs so far, as `{"stepName": …, "result": …}`."""
        return [{"stepName": s.name, "result": s.output} for s in self.steps() if s.output is not None]

    def _ask(self, verb: str, **settings: Any) -> Any:
        with self._turn:
            self._lines.write(json.dumps({"verb": verb, **settings}, default=str).encode() + b"\n")
            self._lines.flush()
            line = self._lines.readline()
        answer = json.loads(line) if line else {"error": "The run does not answer any more."}
        if "error" in answer:
            raise PenstockError(answer["error"], hint=answer.get("hint", ""))
        return answer["answer"]


class MessageSender:
    """Sends messages in the middle of a run."""

    def __init__(self, scenario: Scenario, channel: str, type: str) -> None:
        self._scenario, self._channel, self._type = scenario, channel, type
        self._settings: dict[str, Any] = {}

    def set_params(self, **settings: Any) -> MessageSender:
        """Settings for all messages, as in the reporter's YAML."""
        self._settings |= settings
        return self

    def send(self, *, name: str = "", fail_fatal: bool = True, **settings: Any) -> StepDone:
        """Send one message: `to`, `subject`, `body` … as in the reporter's YAML."""
        channel = {"channel": self._channel} if self._channel else {}
        reporter = {"type": self._type, **channel, **self._settings, **settings}
        step = {"type": "send_message", "reporter": reporter}
        return self._scenario.run_step(step, name=name, fail_fatal=fail_fatal)
