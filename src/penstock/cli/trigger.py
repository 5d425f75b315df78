"""Triggers: what starts scenarios by itself, when it looks next, what went wrong."""

from __future__ import annotations

import typer

from penstock.cli import _here, _running, _values, output
from penstock.cli.output import AsJson
from penstock.core.errors import Conflict

app = typer.Typer(no_args_is_help=True)

SHORT = 40
"""Letters of an error that are shown in a table."""


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
            "last_fired": t.last_fired, "error": t.error, "type": t.type, "next_run": t.next_run,
            "waiting_since": t.waiting_since,
        }
        for t in found
    ]  # fmt: skip
    if as_json:
        output.print_json(rows)
        return
    if output.console().is_terminal:
        rows = [{**row, "error": _short(str(row["error"]))} for row in rows]
    output.table(
        rows, empty="No trigger yet.", keep=("scenario", "trigger", "on", "next_look", "last_fired", "error")
    )
    if found:
        output.warn(f"{t.scenario}, {t.trigger}: {t.error}" for t in found if t.error)


@app.command("next")
def next_(
    scenario: str = typer.Argument("", help="Only those of this scenario."),
    trigger: str = typer.Argument("", help="Only those of this trigger of it."),
    count: int = typer.Option(5, "-n", help="How many."), as_json: AsJson = False,
) -> None:  # fmt: skip
    """The next times scenarios start by themselves, in UTC; of one that is off too, when it is named."""
    project = _here.project()
    if not scenario:
        rows = [{"at": s.at, "scenario": s.scenario, "trigger": s.trigger} for s in project.next_runs(count)]
        output.table(rows, as_json=as_json, empty="No trigger by time is on.")
        return
    found = project.scenario(scenario).next_runs(count, trigger)
    rows = [{"at": slot.at, "trigger": slot.trigger} for slot in found]
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


def _short(error: str) -> str:
    """An error in a cell; it stands below in full."""
    return error if len(error) <= SHORT else f"{error[: SHORT - 1]}…"
