"""Jobs: list, show, log, abort, run again."""

from __future__ import annotations

import dataclasses

import typer

from penstock.cli import _building, _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(limit: int = typer.Option(20, "-n", help="How many."), as_json: AsJson = False) -> None:
    """Jobs of the project, newest first."""
    rows = [
        {
            "job": j.id, "state": j.state, "started": j.started_at, "error": j.error, "targets": list(j.targets),
            "mode": j.mode.words, "by": j.initiator, "ended": j.ended_at, "warnings": j.warnings,
        }
        for j in _here.project().jobs(limit)
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No job yet.", keep=("job", "state", "started", "error"))


@app.command()
def show(job: str, as_json: AsJson = False) -> None:
    """The activities of a job and why each ran."""
    project = _here.project()
    found, activities = project.job(job), project.activities(job)
    if as_json:
        output.print_json({"job": found, "activities": activities})
        return
    fields = {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}
    output.facts({k: f for k, f in fields.items() if k not in ("state", "error", "error_code")})
    _building.show(found, activities)


@app.command()
def log(
    job: str, activity: str = typer.Argument("", help="A recipe: only its lines."),
    follow: bool = typer.Option(False, "--follow", "-f", help="Go on until the job has ended."),
) -> None:  # fmt: skip
    """The log of a job, or of one activity only."""
    project = _here.project()
    for piece in project.follow(job, activity) if follow else [project.log(job, activity)]:
        typer.echo(piece, nl=False)


@app.command()
def abort(job: str) -> None:
    """Stop a job; what is finished stays, what was being written is left as it was."""
    stopped = _here.project().abort(job)
    typer.echo(f"Asked {job} to stop." if stopped else f"{job} had ended already.")


@app.command()
def rerun(job: str, as_json: AsJson = False) -> None:
    """The same build once more."""
    project = _here.project()
    with _building.watching(quiet=as_json) as watch:
        again = project.rerun(job, watch=watch, no_fail=True)
    _building.finish(project, again, as_json=as_json)
