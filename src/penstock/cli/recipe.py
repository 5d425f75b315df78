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
    """The definition of a recipe, where it runs, and why."""
    project = _here.project()
    found = output.plain(project.definitions().recipe(name))
    engines = project.engines(name)
    where = f"{engines.engine}:{engines.connection}".rstrip(":")
    runs = {"place": where, "reason": engines.reason}
    others = {o.engine: o.reason if o.available else f"not available: {o.reason}" for o in engines.engines}
    told = (
        {"runs": runs, "engines": others}
        if as_json
        else {"runs": f"{runs['place']}. {runs['reason']}", **others}
    )
    output.facts({"name": name, **found, **told}, as_json=as_json)


@app.command()
def run(name: str, variables: list[str] = SET, as_json: AsJson = False) -> None:
    """Run this recipe only: its outputs are built from its inputs as they are."""
    project = _here.project()
    project.definitions().recipe(name)
    build(project, [name], mode="only", variables=variables, as_json=as_json)
