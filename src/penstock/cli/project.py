"""Projects: make, take in, check, look back, go back."""

from __future__ import annotations

from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True, help="Projects: make, take in, check, look back, go back.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every project of the node."""
    rows = [output.plain(p) for p in _here.home().projects()]
    output.table(rows, as_json=as_json, empty="No project yet. Try `penstock project create KEY`.")


@app.command()
def create(key: str, title: str = typer.Option("", help="Name for people.")) -> None:
    """A new project with an empty Flow, as a git repository of its own."""
    made = _here.home().create_project(key, title)
    typer.echo(f"Project {key} lies in {made.definitions().path}")


@app.command()
def add(folder: Path) -> None:
    """Take a folder of project files into the node. The folder's name, or `key` in it, is the key."""
    added = _here.home().add_project(folder)
    typer.echo(f"Project {added.key} lies in {added.definitions().path}")


@app.command()
def show(as_json: AsJson = False) -> None:
    """What is in the project."""
    p = _here.project().definitions()
    output.facts(
        {
            "key": p.key, "title": p.settings.title, "path": str(p.path), "goals": p.settings.goals,
            "datasets": sorted(p.datasets), "folders": sorted(p.folders), "models": sorted(p.models),
            "evaluation stores": sorted(p.evaluation_stores), "recipes": sorted(p.recipes),
            "zones": list(p.zones.zones),
        },
        as_json=as_json,
    )  # fmt: skip


@app.command()
def validate(as_json: AsJson = False) -> None:
    """Check every file: names file, line, field and the nearest valid word. Exits with 2 when something is wrong."""
    problems = _here.project().validate()
    if as_json:
        output.print_json(
            [{"file": p.file, "line": p.line, "field": p.field, "problem": p.problem} for p in problems]
        )
    for problem in problems if not as_json else ():
        typer.secho(str(problem), fg="red")
    if problems:
        raise typer.Exit(2)
    if not as_json:
        typer.echo("Everything is well formed.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """What the checks and rules say: the worst of data and models, and where."""
    output.facts(output.plain(_here.project().status()), as_json=as_json)


@app.command()
def history(file: str = typer.Argument(""), as_json: AsJson = False) -> None:
    """Saves, newest first; of one file when it is named."""
    output.table([output.plain(c) for c in _here.project().history(file)], as_json=as_json)


@app.command()
def diff(
    older: str, newer: str = typer.Argument(""), file: str = typer.Option("", help="Only this file.")
) -> None:
    """What changed between two commits, or since one."""
    typer.echo(_here.project().diff(older, newer, file))


@app.command()
def revert(commit: str, file: str = typer.Option("", help="Only this file.")) -> None:
    """Bring definitions back to what they were at a commit, as a new commit. Data stays as it is."""
    typer.echo(f"Saved as {_here.project().revert(commit, file)}")


@app.command()
def rename(old: str, new: str) -> None:
    """Rename an object and every reference to it."""
    typer.echo(f"Saved as {_here.project().rename(old, new)}")


@app.command()
def delete(key: str, yes: bool = typer.Option(False, "--yes", help="Do not ask.")) -> None:
    """Remove a project with its data; its definitions stay in the trash of the home."""
    if not yes:
        typer.confirm(f"Delete project {key} and its data?", abort=True)
    _here.home().delete_project(key)
    typer.echo(f"Project {key} is gone; its definitions lie in the trash of the home.")
