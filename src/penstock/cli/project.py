"""Projects: make, take in, check, look back, go back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from penstock.cli import _git, _here, _people, command, output
from penstock.cli.output import AsJson
from penstock.core.counting import counted
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)
app.add_typer(_people.app, name="people")
_git.enter(app)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every project of the node."""
    rows = [output.plain(p) for p in _here.home().projects()]
    output.table(rows, as_json=as_json, empty="No project yet. Try `penstock project create KEY`.")


@app.command()
def create(key: str, title: str = typer.Option("", help="Name for people.")) -> None:
    """A new project with an empty Flow, as a git repository of its own."""
    made = _here.home(create=True).create_project(key, title)
    typer.echo(f"Project {key} lies in {made.definitions().path}")


CONNECTIONS = typer.Option(
    [], "--connection", help="OLD=NEW: a connection of this node stands for one that the project names."
)


@app.command()
def add(
    folder: Path, key: str = typer.Option("", help="Another key."), connections: list[str] = CONNECTIONS
) -> None:
    """Take a folder of project files into the node. Its name, in capitals, is the key."""
    added = _here.home(create=True).add_project(folder, key=key, connections=connections)
    typer.echo(f"Project {added.key} lies in {added.definitions().path}")


@app.command()
def duplicate(
    key: str, connections: list[str] = CONNECTIONS,
    data: str = typer.Option("none", help="none: a build makes it; inputs: what no recipe makes; everything."),
) -> None:  # fmt: skip
    """The project once more, under another key."""
    added = _here.project().duplicate(key, connections=connections, data=data)
    typer.echo(f"Project {added.key} lies in {added.definitions().path}")


def _along(what: str) -> Any:
    return typer.Option(False, f"--{what}", help=WITH[what])


WITH = {
    "uploads": "Uploaded files go along.",
    "inputs": "Data that no recipe makes goes along: uploads, managed datasets, folders.",
    "datasets": "The rows of every dataset that are ours go along.",
    "folders": "The files of managed folders go along.",
    "models": "Every version of every model goes along.",
    "evaluation-stores": "Evaluations go along.",
    "history": "Every commit goes along.",
    "everything": "All of that.",
}


@app.command()
def export(
    file: Path = typer.Argument(help="Where the zip is written."), uploads: bool = _along("uploads"),
    inputs: bool = _along("inputs"), datasets: bool = _along("datasets"), folders: bool = _along("folders"),
    models: bool = _along("models"), evaluation_stores: bool = _along("evaluation-stores"),
    history: bool = _along("history"), everything: bool = _along("everything"),
) -> None:  # fmt: skip
    """Write the project as a zip that another node takes in. Only its files, unless you say what goes along."""
    data = {"uploads": uploads, "inputs": inputs, "datasets": datasets, "folders": folders, "models": models}
    chosen = {name: on or everything for name, on in data.items()}
    project, more = _here.project(warn=False), {"evaluation_stores": evaluation_stores, "history": history}
    output.warn(project.export_forgets(**chosen))
    written = project.export(file, **chosen, **{name: on or everything for name, on in more.items()})
    typer.echo(f"Wrote {written}")


@app.command("import")
def import_(
    file: Path = typer.Argument(help="The zip of an export."), key: str = typer.Option("", help="Another key."),
    connections: list[str] = CONNECTIONS,
    check: bool = typer.Option(False, "--check", help="Only say what is in it and what it lacks here."),
) -> None:  # fmt: skip
    """Take in the zip of an export, with what data is in it. Exits with 2 when --check finds what is in the way."""
    home = _here.home(create=True)
    if not check:
        made = home.import_project(file, key=key, connections=connections)
        typer.echo(f"Project {made.key} was taken in.")
        return
    found = home.check_import(file, key=key, connections=connections)
    rows = [{"severity": m.severity, "what": m.text, "do": m.hint} for m in found.messages]
    output.table(rows, empty=f"Nothing is in the way of project {found.key}.")
    if any(m.severity in ("ERROR", "FATAL") for m in found.messages):
        raise typer.Exit(2)


@app.command()
def show(as_json: AsJson = False) -> None:
    """What is in the project."""
    p = _here.project().definitions()
    output.facts(
        {
            "key": p.key, "title": p.settings.title, "path": str(p.path), "about": p.settings.short_description,
            "goals": p.settings.goals, "datasets": sorted(p.datasets), "folders": sorted(p.folders),
            "models": sorted(p.models), "evaluation_stores": sorted(p.evaluation_stores),
            "recipes": sorted(p.recipes), "zones": list(p.zones.zones),
        },
        as_json=as_json,
    )  # fmt: skip


@app.command()
def share(
    name: str = typer.Argument("", help="A dataset, folder or model; without one the list is shown."),
    projects: list[str] = typer.Option([], "--with", help="Key of a project that reads it; may be given again."),
    stop: bool = typer.Option(False, "--stop", help="Nobody else reads it any more."), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Let other projects read an object, in place of those that did; there it is called KEY.name."""
    project = _here.project(warn=False)
    if name and not projects and not stop:
        raise Invalid(f"Who reads {name}?", hint="Name projects with --with KEY, or --stop.")
    found = project.sharing.share(name, projects) if name else project.sharing.shown()
    rows = [
        {"object": one.name, "sort": one.sort, "read in": key, "recipes": list(recipes)}
        for one in found for key, recipes in one.read_by.items()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="Nothing is shared with other projects.")
    if not name and not as_json:
        here = [
            {"object": o.name, "sort": o.sort, "recipes": list(o.recipes)} for o in project.sharing.received()
        ]
        output.table(here, empty="No other project shares anything with this one.")


@app.command()
def validate(as_json: AsJson = False) -> None:
    """Check every file: names file, line, field and the nearest valid word. Exits with 2 when something is wrong.

    What only this node lacks, such as a channel, is a warning: the project may be meant for another one.
    """
    project = _here.project(warn=False)
    problems, warnings = project.validate(), project.warnings()
    if as_json:
        output.print_json(
            [*(_problem("error", p) for p in problems), *(_problem("warning", w) for w in warnings)]
        )
    else:
        for problem in problems:
            typer.secho(str(problem), fg="red")
        output.warn(map(str, warnings))
        told = f" {counted(len(warnings), 'warning')}." if warnings else ""
        typer.echo(
            (f"{counted(len(problems), 'problem')}." if problems else "Everything is well formed.") + told
        )
    if problems:
        raise typer.Exit(2)


def _problem(level: str, found: Any) -> dict[str, Any]:
    return {
        "level": level, "file": found.file, "line": found.line, "field": found.field, "problem": found.problem,
    }  # fmt: skip


@app.command()
def status(as_json: AsJson = False) -> None:
    """What the checks and rules say of the data and of the models: always the worst, and where."""
    found = _here.project().status()
    if as_json:
        output.print_json(found)
        return
    output.facts({about: s.verdict or "nothing judged yet" for about, s in found.items()})
    rows = [
        {"object": r.key.name, "check": r.check_name, "verdict": r.verdict, "message": r.message}
        for s in found.values()
        for r in s.unhealthy
    ]
    judged = any(s.verdict for s in found.values())
    output.table(
        rows, empty="No warning and no error." if judged else "No check or rule has judged anything yet."
    )
    output.say(_what_next(rows, judged=judged))


def _what_next(rows: Sequence[Mapping[str, Any]], *, judged: bool) -> Iterator[str]:
    """The commands that look into what is not well, or that judge at all."""
    if not judged:
        yield f"Judge an object that has checks: {command('check', 'run', 'NAME')}"
    for name in dict.fromkeys(row["object"] for row in rows):
        yield f"See what changed: {command('check', 'history', name)}"


@app.command()
def history(file: str = typer.Argument("", help="Only saves of this file."), as_json: AsJson = False) -> None:
    """Saves, newest first; above them the files that were edited by hand and not saved yet."""
    project = _here.project()
    found, edited = project.history(file), [f for f in project.pending() if f == (file or f)]
    if edited and not as_json:
        typer.secho(f"not saved yet: {', '.join(edited)}", fg="yellow")
    rows = [
        {
            "commit": c.id[:10], "message": c.message if as_json else _subject(c.message), "files": c.files,
            "time": c.time, "author": c.author,
        }
        for c in found
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="Nothing was saved yet.")


def _subject(message: str) -> str:
    """What a save was about; the files that an edit by hand names stand beside it anyway."""
    subject = message.splitlines()[0] if message else ""
    return subject.partition(":")[0] if subject.startswith("Edited by hand:") else subject


@app.command()
def save(message: str = typer.Option(..., "--message", "-m", help="What was changed, and why.")) -> None:
    """Save what was edited by hand, as one commit of yours. Exits with 2 when a file is not well formed."""
    commit = _here.project(warn=False).save(message)
    typer.echo(
        f"Saved as {commit[:10]}" if commit else "Nothing to save: every file is as it was saved last."
    )


@app.command()
def diff(
    older: str = typer.Argument("HEAD", help="A commit: its first letters, HEAD, or HEAD~1 for the one before."),
    newer: str = typer.Argument("", help="The files as they are now when left out."),
    file: str = typer.Option("", help="Only this file."),
) -> None:  # fmt: skip
    """What changed between two commits, or since one; since the last save when none is named."""
    found = _here.project().diff(older, newer, file)
    typer.echo(found, nl=False)
    output.warn([] if found else ["Nothing differs."])


@app.command()
def revert(commit: str, file: str = typer.Option("", help="Only this file.")) -> None:
    """Bring definitions back to what they were at a commit, as a new commit. Data stays as it is.

    What was edited by hand is saved first, as a commit of its own: nothing is lost.
    """
    project = _here.project()
    edited = project.pending()
    made = project.revert(commit, file)
    if edited and edited != project.pending():
        typer.echo(f"First, what was edited by hand was saved: {', '.join(edited)}")
    typer.echo(
        f"Saved as {made[:10]}" if made else f"Nothing to revert: it is as it was at {commit} already."
    )


@app.command()
def rename(old: str, new: str) -> None:
    """Rename an object or recipe and every reference to it; data and history follow."""
    typer.echo(f"Saved as {_here.project().rename(old, new)[:10]}")


@app.command()
def remove(name: str) -> None:
    """Delete the definition of an object or recipe; refused while something names it."""
    _here.project().remove(name)
    typer.echo(f"{name} is gone. `penstock project revert` brings definitions back.")


@app.command()
def delete(key: str, yes: bool = typer.Option(False, "--yes", help="Do not ask.")) -> None:
    """Remove a project with its data; its definitions stay in the trash of the home."""
    if not yes:
        typer.confirm(f"Delete project {key} and its data?", abort=True)
    _here.home().delete_project(key)
    typer.echo(f"Project {key} is gone; its definitions lie in the trash of the home.")
