"""Users: who may log in to this node; their groups, passwords and one-time links."""

from __future__ import annotations

import sys

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.errors import Invalid

app = typer.Typer(no_args_is_help=True)
Groups = typer.Option([], "--group", help="A group they are in; may be given several times.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every user."""
    rows = [output.plain(user) for user in _here.home().users.list()]
    output.table(rows, as_json=as_json, empty="No user yet. `penstock user add LOGIN` makes one.")


@app.command()
def show(login: str, as_json: AsJson = False) -> None:
    """One user."""
    output.facts(output.plain(_here.home().users.show(login)), as_json=as_json)


@app.command()
def add(
    login: str, name: str = typer.Option("", help="The name people see."), email: str = typer.Option(""),
    group: list[str] = Groups, admin: bool = typer.Option(False, "--admin", help="They may do everything."),
) -> None:  # fmt: skip
    """A new user, with a one-time link to choose a password with."""
    users = _here.home(create=True).users
    users.add(login, name=name, email=email, groups=group, admin=admin)
    _tell_link(login)


@app.command()
def groups(login: str, group: list[str] = typer.Argument(None, help="The groups; none = leave all.")) -> None:
    """Put a user into these groups, and out of all others."""
    user = _here.home().users.change(login, groups=group or [])
    typer.echo(f"{login} is in {', '.join(user.groups) or 'no group'}.")


@app.command()
def admin(
    login: str, yes: bool = typer.Option(True, "--yes/--no", help="Whether they may do everything.")
) -> None:
    """Make a user an administrator, or one no more."""
    user = _here.home().users.change(login, admin=yes)
    typer.echo(f"{login} is {'an' if user.admin else 'no'} administrator.")


@app.command()
def disable(login: str) -> None:
    """Nothing works for a user any more: sessions end, keys are refused, no scenario runs as them."""
    _here.home().users.disable(login)
    typer.echo(f"{login} is disabled.")


@app.command()
def enable(login: str) -> None:
    """A disabled user may log in again."""
    _here.home().users.enable(login)
    typer.echo(f"{login} is enabled.")


@app.command()
def passwd(login: str) -> None:
    """Set a password, read from standard input or asked for without showing it. Sessions of the user end."""
    if sys.stdin.isatty():
        password = typer.prompt(f"New password of {login}", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.read().removesuffix("\n")
    if not password:
        raise Invalid("A password is not empty.", hint=f"For example: penstock user passwd {login} < FILE")
    _here.home().users.set_password(login, password)
    typer.echo(f"{login} has a new password.")


@app.command()
def link(login: str) -> None:
    """A new one-time link with which a user chooses a password."""
    _tell_link(login)


def _tell_link(login: str) -> None:
    issued = _here.home().users.link(login)
    typer.echo(f"{login} chooses a password at {issued.address}")
    if not issued.base:
        typer.echo("Put the address people reach this node under before it (`base_url` of config.yaml).")
    typer.echo(f"The link works once, until {output.bare(issued.expires_at)} UTC. It is not shown again.")
