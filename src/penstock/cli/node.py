"""This node among others: the key it signs with, and whose archives it takes in."""

from __future__ import annotations

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson

app = typer.Typer(no_args_is_help=True)


@app.command()
def key(as_json: AsJson = False) -> None:
    """The key this node signs bundles and packages with, and its fingerprint to compare. Made at the first question."""
    output.facts(output.plain(_here.home().trust.own()), as_json=as_json)


@app.command()
def trusted(as_json: AsJson = False) -> None:
    """The other nodes whose archives are taken in here."""
    rows = [output.plain(found) for found in _here.home().trust.list()]
    output.table(rows, as_json=as_json, empty="No other node is trusted yet: penstock node trust NAME KEY")


@app.command()
def trust(name: str, key: str) -> None:
    """Take in archives of another node from now on: its name and its key, as `penstock node key` says there."""
    added = _here.home().trust.add(name, key)
    typer.echo(
        f"{added.node} is trusted: {added.fingerprint}. Is that what its own `penstock node key` shows?"
    )


@app.command()
def distrust(fingerprint: str) -> None:
    """Take in nothing more of a node, by its fingerprint. What came before stays."""
    _here.home().trust.remove(fingerprint)
    typer.echo("Nothing more of that node is taken in.")
