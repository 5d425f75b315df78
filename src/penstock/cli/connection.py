"""Connections: databases, file stores, Spark, channels: set up, try, remove."""

from __future__ import annotations

from pathlib import Path

import typer

from penstock.cli import _here, channel, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)
app.add_typer(channel.secret, name="secret")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every connection of the node, who may use it, and which of its secrets nobody has put yet."""
    rows = [
        {
            "name": c.name, "type": c.type, "allowed": list(c.allowed) or ["everybody"],
            "missing_secrets": list(c.missing_secrets),
        }
        for c in _here.home().connections.list()
    ]  # fmt: skip
    empty = "No connection yet. `penstock connection set NAME FILE` makes one."
    output.table(rows, as_json=as_json, empty=empty)


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """The settings of a connection; it names its secrets and holds none."""
    output.facts({"name": name, **output.plain(_here.home().connections.show(name))}, as_json=as_json)


@app.command("set")
def set_(name: str, file: Path) -> None:
    """Make a connection from a YAML file, or replace it. The file begins with `type:`, such as postgresql."""
    from penstock.store.yaml import read_mapping

    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    connections = _here.home().connections
    connections.set(name, read_mapping(file))
    typer.echo(f"Connection {name} is there. Try it: penstock connection test {name}")
    missing = next((c.missing_secrets for c in connections.list() if c.name == name), ())
    output.warn(f"A secret is missing: penstock connection secret put {word}" for word in missing)


@app.command("test")
def try_(
    name: str,
    timeout: float = typer.Option(20.0, help="Seconds after which it is given up."),
    as_json: AsJson = False,
) -> None:
    """Try a connection: whether it answers and lets us in. Nothing is changed. Exits with 1 when it does not."""
    found = _here.home().connections.test(name, timeout=timeout)
    output.facts({"connection": name, "found": found}, as_json=as_json)


@app.command()
def remove(name: str) -> None:
    """Remove a connection; its secrets stay, and so does everything behind it."""
    _here.home().connections.remove(name)
    typer.echo(f"Connection {name} is gone.")
