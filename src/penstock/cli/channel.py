"""Channels: mail servers, chats, webhooks: set up, try, keep their secrets."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)
secret = typer.Typer(no_args_is_help=True, help="Secrets: put, list, remove; values are never shown.")
app.add_typer(secret, name="secret")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every channel of the node, who may use it, and which of its secrets nobody has put yet."""
    rows = [
        {
            "name": c.name, "type": c.type, "allowed": list(c.allowed) or ["everybody"],
            "missing_secrets": list(c.missing_secrets),
        }
        for c in _here.home().channels.list()
    ]  # fmt: skip
    output.table(rows, as_json=as_json, empty="No channel yet. `penstock channel set NAME FILE` makes one.")


@app.command()
def show(name: str, as_json: AsJson = False) -> None:
    """The settings of a channel; it names its secrets and holds none."""
    output.facts({"name": name, **output.plain(_here.home().channels.show(name))}, as_json=as_json)


@app.command("set")
def set_(name: str, file: Path) -> None:
    """Make a channel from a YAML file, or replace it. The file begins with `type:`, such as smtp."""
    from penstock.store.yaml import read_mapping

    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    channels = _here.home().channels
    channels.set(name, read_mapping(file))
    typer.echo(f"Channel {name} is there. Try it: penstock channel test {name}")
    missing = next((c.missing_secrets for c in channels.list() if c.name == name), ())
    output.warn(f"A secret is missing: penstock channel secret put {word}" for word in missing)


@app.command("test")
def try_(
    name: str,
    to: list[str] = typer.Option([], "--to", help="Really send a message there: a mail address, a room of a chat."),
    send: bool = typer.Option(False, "--send", help="Really send one, through a channel that knows its receiver."),
    timeout: float = typer.Option(20.0, help="Seconds after which it is given up."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Try a channel: whether it answers, without sending anything; with --to or --send, by a message that arrives.

    Exits with 1 when it does not answer or refuses.
    """
    channels = _here.home().channels
    if to or send:
        sent = channels.send_test(name, *_addresses(to), timeout=timeout)
        output.facts({"channel": name, "sent": sent}, as_json=as_json)
        return
    found = channels.test(name, timeout=timeout)
    output.facts(
        {"channel": name, "found": found, "sent": "nothing; --to or --send sends a message"}, as_json=as_json
    )


def _addresses(given: list[str]) -> list[str]:
    """`--to a@x,b@y --to c@z` → each by itself."""
    return [part.strip() for text in given for part in text.split(",") if part.strip()]


@app.command()
def remove(name: str) -> None:
    """Remove a channel; its secrets stay."""
    _here.home().channels.remove(name)
    typer.echo(f"Channel {name} is gone.")


@secret.command()
def put(name: str) -> None:
    """Seal a value, read from standard input or asked for without showing it; settings say `secret:NAME`."""
    if sys.stdin.isatty():
        value = typer.prompt(f"Value of {name}", hide_input=True, confirmation_prompt=True)
    else:
        value = sys.stdin.read().removesuffix("\n")
    if not value:
        raise Invalid(
            "A secret is not empty.", hint=f"For example: penstock channel secret put {name} < FILE"
        )
    _here.home().secrets.put(name, value)
    typer.echo(f"Sealed. Write secret:{name} where it is needed.")


@secret.command("list")
def list_secrets(as_json: AsJson = False) -> None:
    """The names of the sealed values."""
    output.table(
        [{"secret": name} for name in _here.home().secrets.names()], as_json=as_json, empty="No secret yet."
    )


@secret.command("remove")
def remove_secret(name: str) -> None:
    """Forget a sealed value."""
    _here.home().secrets.remove(name)
    typer.echo(f"Secret {name} is gone.")
