"""Plugins: kinds that others wrote. Install from a zip or from git, see what uses them, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every plugin, its version, and the kinds that it brings."""
    rows = [_row(shown) for shown in _here.home().plugins.list()]
    output.table(rows, as_json=as_json, empty="None yet: penstock plugin install FILE.zip")


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """One plugin: where it came from, and its kinds."""
    shown = _here.home().plugins.show(name)
    kinds = {family: [f"{name}.{kind}" for kind in found] for family, found in shown.kinds.items()}
    facts = {**_row(shown), "kinds": kinds, "source": shown.source, "installed_at": shown.installed_at}
    output.facts({**facts, "installed_by": shown.installed_by}, as_json=as_json)


@app.command()
def install(archive: Path) -> None:
    """Install a plugin from a zip of its sources or a wheel, or bring the one that is there to that version."""
    _told(_here.home().plugins.install(archive))


@app.command()
def clone(
    repository: str,
    branch: str = typer.Option("", help="The default one unless said."),
    folder: str = typer.Option("", help="Where in the repository the plugin is."),
) -> None:
    """Install a plugin from a git repository, or bring it to the version that is there now."""
    _told(_here.home().plugins.clone(repository, branch=branch, folder=folder))


@app.command()
def usages(name: str, as_json: AsJson = False) -> None:
    """What uses a plugin, in every project."""
    rows = [
        {"project": u.project, "sort": u.sort, "name": u.name, "kind": u.kind, "family": u.family}
        for u in _here.home().plugins.usages(name)
    ]
    output.table(rows, as_json=as_json, empty="Nothing uses it.")


@app.command()
def remove(name: str) -> None:
    """Remove a plugin that nothing uses."""
    _here.home().plugins.delete(name)
    typer.echo(f"Plugin {name} is gone.")


def _told(shown: Any) -> None:
    kinds = ", ".join(f"{shown.name}.{kind}" for found in shown.kinds.values() for kind in found)
    typer.echo(f"Plugin {shown.name} {shown.version} is installed: {kinds}.")


def _row(shown: Any) -> dict[str, Any]:
    count = sum(len(found) for found in shown.kinds.values())
    where = "this home" if shown.here else "beside Penstock"
    return {"name": shown.name, "version": shown.version, "kinds": count, "installed": where,
            "description": shown.description}  # fmt: skip
