"""Reference pages of every kind and setting; whether the project wiki is still true."""

from __future__ import annotations

from pathlib import Path

import typer

from penstock.cli._pages import commands
from penstock.cli._python import python
from penstock.cli._rest import rest
from penstock.cli.output import AsJson
from penstock.cli.wiki import checked
from penstock.core import reference, registry
from penstock.core.counting import counted
from penstock.core.errors import KindMissing
from penstock.core.kind import documentation

app = typer.Typer(no_args_is_help=True)


@app.command()
def write(folder: Path = typer.Argument(Path("docs/reference"), help="Where the pages go.")) -> None:
    """Write the reference pages as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {**reference.pages(), "commands.md": commands(), "python.md": python(), "rest.md": rest()}
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    typer.echo(f"{counted(len(pages), 'page')} in {folder}")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Which articles are no longer true and what changed, and which links lead nowhere. Exit 1 when there is one."""
    checked(as_json)


@app.command()
def kinds(family: str = typer.Argument("recipes", help="recipes, datasets, checks, probes …")) -> None:
    """List the kinds of a family with what they do."""
    for name in registry.names(family):
        prose, _ = documentation(registry.kind(family, name))
        typer.echo(f"{name:28} {prose.splitlines()[0] if prose else ''}")


@app.command()
def show(kind: str = typer.Argument(help="Name of a kind, such as join.")) -> None:
    """Print the reference of one kind, in whatever family it is."""
    found = [f for f in registry.FAMILIES if kind in registry.names(f)]
    if not found:
        everything = [n for f in registry.FAMILIES for n in registry.names(f)]
        raise KindMissing("kind", kind, among=everything)
    for family in found:
        typer.echo(reference.section(kind, registry.kind(family, kind)))
