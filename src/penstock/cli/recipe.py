"""Recipes: list, show, run one."""

from __future__ import annotations

import typer

from penstock.cli import _here, output
from penstock.cli._building import SET, build
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every recipe with what it reads and writes, in the order in which they run."""
    rows = [
        {"name": r.name, "type": r.kind, "reads": r.inputs, "writes": r.outputs, "zone": r.zone}
        for r in _here.project().flow().recipes
    ]
    output.table(rows, as_json=as_json, empty="No recipe yet.")


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """The definition of a recipe."""
    found = output.plain(_here.project().definitions().recipe(name))
    output.facts({"name": name, **found}, as_json=as_json)


@app.command()
def run(name: str, variables: list[str] = SET, as_json: AsJson = False) -> None:
    """Run this recipe only: its outputs are built from its inputs as they are."""
    project = _here.project()
    project.definitions().recipe(name)
    build(project, [name], mode="only", variables=variables, as_json=as_json)
