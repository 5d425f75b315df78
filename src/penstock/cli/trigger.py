"""Triggers: what starts scenarios by itself, when it looks next, what went wrong."""

from __future__ import annotations

import typer

from penstock.cli import _here, _running, _values, output
from penstock.cli.output import AsJson
from penstock.core.errors import Conflict

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(
    scenario: str = typer.Argument("", help="Only those of this scenario."), as_json: AsJson = False
) -> None:
    """Every trigger: whether it is looked at, when it looks next, when it fired last, why its last look failed."""
    project = _here.project()
    found = project.scenario(scenario).triggers() if scenario else project.triggers()
    rows = [
        {
            "scenario": t.scenario, "trigger": t.trigger, "on": t.active, "next_look": t.next_look,
            "type": t.type, "next_run": t.next_run, "last_fired": t.last_fired, "waiting_since": t.waiting_since,
            "error": t.error,
        }
        for t in found
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No trigger yet.")
    if not as_json:
        output.warn(f"{t.scenario}, {t.trigger}: {t.error}" for t in found if t.error)


@app.command("next")
def next_(
    scenario: str, count: int = typer.Option(5, "-n", help="How many."), as_json: AsJson = False
) -> None:
    """The next times a scenario starts by itself, in UTC; also while it is off, when they come to nothing."""
    project = _here.project()
    rows = [{"at": slot.at, "trigger": slot.trigger} for slot in project.scenario(scenario).next_runs(count)]
    output.table(rows, as_json=as_json, empty="No trigger by time.")
    if rows and not as_json and not project.scenario(scenario).definition().active:
        output.warn([f"{scenario} is off: penstock scenario switch {scenario} on"])


@app.command()
def fire(
    scenario: str, trigger: str,
    param: list[str] = typer.Option([], "--param", help="NAME=VALUE; what the trigger would have found."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask for a run as if a trigger had fired, also while it is off; a worker does it."""
    run = _here.project().scenario(scenario).fire(trigger, _values.assigned(param))
    if run.state == "CANCELLED":
        raise Conflict(
            f"Scenario {scenario} is running already, so nothing was started. {run.record.message}"
        )
    _running.show_asked(run, as_json=as_json)
