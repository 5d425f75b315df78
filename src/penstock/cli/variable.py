"""Variables: list, set, unset."""

from __future__ import annotations

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.variables import typed

app = typer.Typer(no_args_is_help=True)

LOCAL = typer.Option(False, "--local", help="Of this node only: never in git.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every variable, its value, and the level that gave it."""
    rows = [{"name": v.name, "value": v.value, "level": v.level} for v in _here.project().variables()]
    output.table(rows, as_json=as_json)


@app.command("set")
def set_(name: str, value: str, local: bool = LOCAL) -> None:
    """Set a project variable. The value is JSON when it reads as JSON, text otherwise."""
    _here.project().set_variables({name: typed(value)}, local=local)
    typer.echo(f"{name} = {value}")


@app.command()
def unset(names: list[str], local: bool = LOCAL) -> None:
    """Take project variables away; the value of the level below shows again, if there is one."""
    _here.project().unset_variables(names, local=local)
    typer.echo(f"{', '.join(names)} unset.")
