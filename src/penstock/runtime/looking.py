"""Looking: what a trigger sees of the project when it looks."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import fingerprint, staleness, variables
from penstock.core.errors import Aborted, ActivityFailed
from penstock.runtime import environments, querying, states
from penstock.runtime.variables import resolve

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.scenario import ScenarioRun
    from penstock.core.trigger import TriggerState

LAST_LINES = 5
"""Lines a script printed that are told when it failed without a traceback."""


@dataclass(kw_only=True)
class Look:
    """The TriggerContext: one look of one trigger."""

    node: Node
    project: Project
    scenario: str
    state: TriggerState
    now: datetime

    @cached_property
    def values(self) -> Mapping[str, Any]:
        return resolve(self.node, self.project)

    def data_state(self, item: str, of: str = "data or settings") -> str:
        settings = fingerprint.of_input(self.project.item(item))
        if of == "settings":
            return fingerprint.digest(settings)[:32]
        data = states.data(self.node, self.project, item, self.values)
        return staleness.state_text(data, settings) if of == "data or settings" else data

    def runs(self, scenario: str, *, project: str = "", since: datetime) -> Sequence[ScenarioRun]:
        key = project or self.project.key
        self.node.projects.load(key).scenario(scenario)
        found = self.node.scenario_runs.runs(key, scenario, finished=True, since=since, limit=0)
        return sorted(found, key=lambda run: (run.ended_at or since, run.id))

    def query(self, sql: str, limit: int, timeout: float, connection: str = "") -> Mapping[str, Any]:
        text = variables.expand_text(sql, self.values, where="the query of a trigger")
        return querying.query(
            self.node, self.project, self.values, text, limit=limit, timeout=timeout, connection=connection
        )

    def python(self, code: str, timeout: float, code_environment: str = "") -> Mapping[str, Any] | None:
        with tempfile.TemporaryDirectory(prefix="penstock-trigger-") as folder:
            work = Path(folder)
            script, answer = work / "trigger.py", work / "answer.json"
            script.write_text(code, encoding="utf-8")
            self._run(script, timeout, {"PENSTOCK_TRIGGER_ANSWER": str(answer)}, code_environment)
            if not answer.exists():
                return None
            told: Mapping[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
            return told

    def _run(
        self, script: Path, timeout: float, environment: Mapping[str, str], code_environment: str
    ) -> None:
        deadline = time.monotonic() + timeout
        printed: deque[str] = deque(maxlen=LAST_LINES)
        library = [str(self.project.path / "lib"), os.environ.get("PYTHONPATH", "")]
        try:
            self.node.engines.run_python(
                code=script, log=printed.append, should_stop=lambda: time.monotonic() > deadline, work=script.parent,
                python=environments.interpreter(self.node, self.project, code_environment),
                environment={
                    **environment, "PENSTOCK_HOME": str(self.node.config.home), "PENSTOCK_PROJECT": self.project.key,
                    "PYTHONPATH": os.pathsep.join(filter(None, library)),
                },
            )  # fmt: skip
        except Aborted as error:
            raise ActivityFailed(
                f"The script ran longer than {timeout:g} seconds and was ended.",
                hint="Make it quicker, or raise the trigger's timeout.",
            ) from error
