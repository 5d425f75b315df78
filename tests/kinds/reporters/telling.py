"""A run to tell of, built by hand on a real node: what a scenario leaves behind when it has ended.

node = a_node(tmp_path)
run, steps = a_run(node, reporter)      # a drift monitor whose check warned
[report] = told(node, run, steps)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun, StepRun
from penstock.runtime import checks, evaluations, reports
from penstock.testing import KEY, a_project
from penstock.testing import a_node as a_plain_node

STORE = "mes_for_input_drift"
BEGAN = datetime(2026, 11, 20, 10, 1, 57, 674000, tzinfo=UTC)
BASE = "https://penstock.example.org"
DRIFT = (0.503, 0.497, 0.511, 0.49, 0.517, 0.508, 0.545, 0.592)
CHECK = {
    "type": "numeric_range", "name": "Data Drift < 0.6", "metric": "drift:DATA_DRIFT", "soft_maximum": 0.55,
    "maximum": 0.6,
}  # fmt: skip


def a_node(folder: Path, **settings: Any) -> Node:
    """A node that knows its address, with a project that has an evaluation store and eight evaluations."""
    node = a_plain_node(folder, **{"base_url": BASE, **settings})
    a_project(node, {f"evaluations/{STORE}": {"checks": [CHECK]}})
    for month, value in enumerate(DRIFT, 1):
        measured = {"drift:DATA_DRIFT": value, "drift:DATA_DRIFT_LOWER": value - 0.02}
        name = datetime(2026, month, 1, tzinfo=UTC).strftime("%b %Y")
        evaluations.push(
            node, KEY, STORE, {**measured, "drift:DATA_DRIFT_UPPER": value + 0.02}, id=f"m{month}", name=name
        )
    return node


def a_run(
    node: Node, *reporters: Mapping[str, Any], outcome: Outcome | None = Outcome.WARNING, **changes: Any
) -> tuple[ScenarioRun, list[StepRun]]:
    """`Data drift monitor`: it built the store, its check warned, the retraining was not needed."""
    definition = {
        "title": "Data drift monitor",
        "steps": [
            {"type": "build", "name": "Build MES", "items": [STORE]},
            {"type": "run_checks", "name": "MES_Warn", "items": [STORE]},
            {"type": "build", "name": "Retrain", "items": [STORE], "run_if": "some prior step failed"},
        ],
        "reporters": list(reporters),
    }
    facts = {
        "id": "2026-11-20-10-01-57-674", "project": KEY, "scenario": "monitor", "definition": definition,
        "state": RunState.DONE if outcome else RunState.RUNNING, "asked_at": BEGAN, "asked_by": "ann",
        "run_as": "ann", "trigger": "Weekly", "trigger_type": "time", "started_at": BEGAN,
        "ended_at": BEGAN + timedelta(seconds=151) if outcome else None, "outcome": outcome,
    }  # fmt: skip
    run = ScenarioRun(**{**facts, **changes})
    return run, steps_of(node, run) if outcome else []


def steps_of(node: Node, run: ScenarioRun) -> list[StepRun]:
    """Its three steps; the check is really made, on the newest evaluation."""
    began = node.clock.now()
    results = checks.run(node, KEY, STORE, origin="scenario", run_id=run.id)
    output = {
        f"{KEY}.{STORE}_NP": {
            "partition": "NP",
            "results": [
                {
                    "check": {"id": r.check_id, "type": r.check_type, "displayName": r.check_name},
                    "value": {"outcome": r.verdict.value, "message": r.message, "observed": r.observed},
                }
                for r in results
            ],
        }
    }
    a_step = StepRun(run=run.id, position=0, label="Build MES", type="build", state="DONE", why="")
    seconds = [timedelta(seconds=s) for s in (0, 148.2, 151)]
    return [
        replace(a_step, why="No prior step failed.", outcome=Outcome.SUCCESS, attempts=1, started_at=BEGAN,
                ended_at=BEGAN + seconds[1]),
        replace(a_step, position=1, label="MES_Warn", type="run_checks", why="No prior step failed.",
                outcome=Outcome.WARNING, attempts=1, output=output, message=results[0].message, started_at=began,
                ended_at=node.clock.now()),
        replace(a_step, position=2, label="Retrain", state="SKIPPED", why="No prior step failed."),
    ]  # fmt: skip


def variables_of(run: ScenarioRun, steps: Sequence[StepRun]) -> dict[str, Any]:
    """What the executor knows at the end, by the names reporters use."""
    outcomes = {f"stepOutcome_{s.label}": s.outcome.value for s in steps if s.outcome}
    return {"outcome": run.outcome.value if run.outcome else "", **outcomes, **run.variables}


def told(
    node: Node, run: ScenarioRun, steps: Sequence[StepRun], variables: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """What became of the reporters at the end of the run."""
    names = {**variables_of(run, steps), **(variables or {})}
    return [dict(report) for report in reports.at_end(node, run, steps, names)]
