"""Code environments: Pythons with packages of their own, for the code of projects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)
Packages = typer.Argument(None, help="As in requirements.txt: lifelines==0.30.0")
Lines = typer.Option(None, "--requirements", "-r", help="A requirements.txt to take them from.")
Python = typer.Option("", "--python", help="Such as 3.12; that of the node unless said.")
Option = typer.Option(None, "--option", help='Of pip, several times: --option "--find-links /srv/wheels".')


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every code environment, its Python, and how many packages are installed in it."""
    rows = [_row(shown) for shown in _here.home().environments.list()]
    output.table(rows, as_json=as_json, empty="None yet: penstock environment create NAME PACKAGE…")


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """What was asked for, what is installed, and how the last build went."""
    shown = _here.home().environments.show(name)
    version = shown.version
    facts = {
        **_row(shown), "requested": list(shown.definition.packages), "options": list(shown.definition.options),
        "actual": list(version.actual) if version else [], "base": list(version.base) if version else [],
        "versions": [v.id for v in shown.versions], "message": shown.build.message if shown.build else "",
    }  # fmt: skip
    output.facts(facts, as_json=as_json)


@app.command()
def create(
    name: str, packages: list[str] = Packages, requirements: Path = Lines, python: str = Python,
    option: list[str] = Option, description: str = typer.Option("", help="What it is for."),
) -> None:  # fmt: skip
    """Make a code environment and install packages into it."""
    asked = [*(packages or []), *_lines(requirements)]
    words = {"python": python, "options": option or [], "description": description}
    _told(_here.home().environments.create(name, asked, **words))


@app.command()
def update(
    name: str, packages: list[str] = Packages, requirements: Path = Lines, python: str = Python,
    option: list[str] = Option,
) -> None:  # fmt: skip
    """Ask for other packages: these and no others. When they cannot be installed, everything stays as it was."""
    environments = _here.home().environments
    before = environments.show(name).definition
    changes: dict[str, Any] = {"packages": [*(packages or []), *_lines(requirements)]}
    changes |= {"python": python} if python else {}
    changes |= {"options": option} if option else {}
    _told(environments.define(name, {**before.to_mapping(), **changes}))


@app.command()
def build(name: str) -> None:
    """Install anew what is asked for, with the newest packages that fit."""
    _told(_here.home().environments.build(name))


@app.command()
def usages(name: str, as_json: AsJson = False) -> None:
    """What runs in it, in every project."""
    rows = [
        {"project": u.project, "sort": u.sort, "name": u.name, "part": u.part}
        for u in _here.home().environments.usages(name)
    ]
    output.table(rows, as_json=as_json, empty="Nothing uses it.")


@app.command()
def log(name: str) -> None:
    """What the last build said."""
    typer.echo(_here.home().environments.log(name).rstrip())


@app.command()
def export(name: str, target: Path = typer.Argument(Path(), help="A file, or a folder.")) -> None:
    """A zip with `requirements.txt`, and what is installed."""
    typer.echo(f"Written: {_here.home().environments.download(name, target)}")


@app.command()
def delete(name: str) -> None:
    """Remove a code environment that nothing uses."""
    _here.home().environments.delete(name)
    typer.echo(f"Code environment {name} is gone.")


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    return file.read_text(encoding="utf-8").splitlines()


def _told(shown: Any) -> None:
    if shown.state == "building":
        typer.echo(f"Code environment {shown.name} is being built: penstock environment log {shown.name}")
    else:
        installed = len(shown.version.actual)
        typer.echo(
            f"Code environment {shown.name} is ready: Python {shown.version.python}, {installed} packages."
        )


def _row(shown: Any) -> dict[str, Any]:
    return {
        "name": shown.name, "state": shown.state, "python": shown.version.python if shown.version else "",
        "packages": len(shown.version.actual) if shown.version else 0, "description": shown.definition.description,
    }  # fmt: skip
