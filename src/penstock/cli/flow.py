"""The Flow: show it, preview and run builds, zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True, help="The Flow: show it, preview and run builds, zones.")

MODE = typer.Option("required", "--mode", "-m", help="only, required (what is stale), all, downstream, …")
STOP = typer.Option(False, "--stop-at-zone", help="Look only at recipes in the zones of the targets.")
WITHOUT = typer.Option([], "--without", help="Leave a recipe out of the plan.")


@app.command()
def show(as_json: AsJson = False) -> None:
    """Every recipe in build order with what it reads and writes, by zone."""
    flow = _here.project().flow()
    if as_json:
        output.print_json(flow)
        return
    rows = [
        {"recipe": r.name, "type": r.kind, "reads": r.inputs, "writes": r.outputs, "zone": r.zone}
        for r in flow.recipes
    ]
    output.table(rows, empty="The Flow is empty.")
    for problem in flow.problems:
        typer.secho(str(problem), fg="red")


@app.command()
def preview(items: list[str], mode: str = MODE, stop_at_zone: bool = STOP, as_json: AsJson = False) -> None:
    """What a build would run, in order, and why. Nothing runs."""
    plan = _here.project().preview(*items, mode=mode, stop_at_zone=stop_at_zone)
    if as_json:
        output.print_json(plan)
        return
    rows = [{"recipe": a.recipe, "writes": list(a.outputs), "why": a.reason} for a in plan.activities]
    output.table(rows, empty="Nothing to do.")
    for left in plan.not_run:
        typer.secho(f"{left.name}: {left.why}", fg="bright_black")


@app.command()
def build(
    items: list[str], mode: str = MODE, stop_at_zone: bool = STOP, without: list[str] = WITHOUT,
    update_schemas: bool = typer.Option(False, help="Update declared columns before each recipe runs."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Build items; by default only what is stale. Exits with 1 when the job fails."""
    project = _here.project()
    with watching(quiet=as_json) as watch:
        job = project.build(
            *items, mode=mode, stop_at_zone=stop_at_zone, without=without, update_schemas=update_schemas,
            watch=watch, no_fail=True,
        )  # fmt: skip
    finish(project, job, as_json=as_json)


@app.command()
def zones(as_json: AsJson = False) -> None:
    """The zones and what lies in them."""
    found = _here.project().definitions().zones.zones
    rows = [{"zone": name, "items": list(z.items), "color": z.color} for name, z in found.items()]
    output.table(rows, as_json=as_json, empty="The Flow has no zones.")


@app.command()
def move(
    names: list[str], zone: str = typer.Option(..., "--zone", help="Made when it does not exist.")
) -> None:
    """Move items and recipes to a zone; a recipe and all its outputs go together."""
    _here.project().move_to_zone(names, zone)
    typer.echo(f"{', '.join(names)} in zone {zone}")


@contextmanager
def watching(*, quiet: bool = False) -> Iterator[Callable[[Any], None] | None]:
    """A live line of what the job is doing; nothing when the output is for programs."""
    if quiet:
        yield None
        return
    with output.console().status("planning …") as status:
        yield lambda event: status.update(str(event))


def finish(project: Any, job: Any, *, as_json: bool) -> None:
    """Show what a job did and end the command as the job ended."""
    activities = project.activities(job.id)
    if as_json:
        output.print_json({"job": job, "activities": activities})
    else:
        rows = [
            {
                "recipe": a.recipe,
                "state": a.state,
                "seconds": _seconds(a),
                "why": a.reason,
                "note": a.error or a.waiting_for,
            }
            for a in activities
        ]
        output.table(rows, empty="Everything is up to date; nothing ran.")
        for a in activities:
            for warning in a.warnings:
                typer.secho(f"{a.recipe}: {warning}", fg="yellow")
        typer.secho(
            f"Job {job.id}: {job.state} {job.error}".rstrip(), fg="green" if job.state == "DONE" else "red"
        )
    if job.state != "DONE":
        raise typer.Exit(1)


def _seconds(activity: Any) -> float | None:
    if activity.started_at is None or activity.ended_at is None:
        return None
    return float(round((activity.ended_at - activity.started_at).total_seconds(), 2))
