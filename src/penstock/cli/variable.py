"""Variables: list, set."""

from __future__ import annotations

import json

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True, help="Variables: list, set.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every variable, its value, and the level that gave it."""
    rows = [{"name": v.name, "value": v.value, "level": v.level} for v in _here.project().variables()]
    output.table(rows, as_json=as_json)


@app.command("set")
def set_(
    name: str, value: str, local: bool = typer.Option(False, "--local", help="Of this node only.")
) -> None:
    """Set a project variable. The value is JSON when it reads as JSON, text otherwise."""
    _here.project().set_variables({name: _value(value)}, local=local)
    typer.echo(f"{name} = {value}")


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
