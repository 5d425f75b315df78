"""Recipes: list, show, run one."""

from __future__ import annotations

import typer

from penstock.cli import _here, output
from penstock.cli.flow import finish, watching
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True, help="Recipes: list, show, run one.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every recipe with what it reads and writes."""
    project = _here.project().definitions()
    rows = [
        {
            "name": n,
            "type": r.kind_name(),
            "reads": list(r.reads),
            "writes": list(r.writes),
            "about": r.short_description,
        }
        for n, r in sorted(project.recipes.items())
    ]
    output.table(rows, as_json=as_json)


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """The definition of a recipe."""
    output.facts(output.plain(_here.project().definitions().recipe(name)), as_json=as_json)


@app.command()
def run(name: str, as_json: AsJson = False) -> None:
    """Run this recipe only: its outputs are built from its inputs as they are."""
    project = _here.project()
    outputs = project.definitions().recipe(name).writes
    with watching(quiet=as_json) as watch:
        job = project.build(*outputs, mode="only", watch=watch, no_fail=True)
    finish(project, job, as_json=as_json)
