"""What commands that build share: the live line, Ctrl-C, the table at the end, the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from penstock.cli import _values, command, output

if TYPE_CHECKING:
    from penstock.core.job import Activity, Job
    from penstock.sdk.client import Project

STOPPED = 130
"""The exit code of what Ctrl-C ended, as shells have it."""
SPINNER = 4
"""Columns of a screen that the turning sign takes, and some air."""
SET = typer.Option([], "--set", help="VARIABLE=VALUE for this job alone, over the project's.")


def build(
    project: Project, items: Sequence[str], *, mode: str, variables: Sequence[str] = (), as_json: bool, **options: Any
) -> None:  # fmt: skip
    """Build, showing what happens; end the command as the job ends."""
    values = _values.assigned(variables)
    with watching(quiet=as_json) as watch:
        job = project.build(*items, mode=mode, variables=values, watch=watch, no_fail=True, **options)
    finish(project, job, as_json=as_json)


@contextmanager
def watching(*, quiet: bool = False) -> Iterator[Callable[[Any], None] | None]:
    """A live line of what the job is doing; nothing when the output is for programs. Ctrl-C aborts the job."""
    try:
        if quiet:
            yield None
        else:
            screen = output.console()
            with screen.status("planning …") as status:
                yield lambda event: status.update(output.one_line(str(event), screen.width - SPINNER))
    except KeyboardInterrupt as interrupted:
        typer.secho("Stopped. What was finished stays; what was being written is as it was before.", err=True)
        raise typer.Exit(STOPPED) from interrupted


def finish(project: Project, job: Job, *, as_json: bool) -> None:
    """Show what a job did and end the command as the job ended."""
    activities = project.activities(job.id)
    if as_json:
        output.print_json({"job": job, "activities": activities})
    else:
        show(job, activities)
    if job.state != "DONE":
        raise typer.Exit(1)


def show(job: Job, activities: Sequence[Activity]) -> None:
    """The activities of a job with their warnings, and how it ended."""
    rows = [
        {"recipe": a.recipe, "state": a.state, "seconds": _seconds(a), "why": a.reason} for a in activities
    ]
    output.table(rows, empty="Everything is up to date; nothing ran.")
    for a in activities:
        output.warn(f"{a.recipe}: {warning}" for warning in a.warnings)
        if a.error or (a.waiting_for and a.state == "SKIPPED"):
            typer.secho(f"{a.recipe}: {a.error or a.waiting_for}", fg="red")
    colour = {"DONE": "green", "RUNNING": "blue"}.get(job.state, "red")
    typer.secho(f"Job {job.id}: {job.state}{_untold(job, activities)}", fg=colour)
    output.say(
        f"Its log: {command('job', 'log', job.id, a.recipe)}" for a in activities if a.state == "FAILED"
    )


def _untold(job: Job, activities: Sequence[Activity]) -> str:
    """What the job says, unless one of its recipes said so already."""
    said = any(a.error and a.error in job.error for a in activities)
    return "" if said or not job.error else f". {job.error}"


def _seconds(activity: Activity) -> float | None:
    if activity.started_at is None or activity.ended_at is None:
        return None
    return round((activity.ended_at - activity.started_at).total_seconds(), 2)
