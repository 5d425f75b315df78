"""API keys: make, list, revoke; the secret is shown once."""

from __future__ import annotations

from typing import Any

import typer

from penstock.cli import _here, output
from penstock.cli.output import AsJson
from penstock.core.user import ApiKey

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_(
    user: str = typer.Option("", help="Only the personal keys of this user."),
    project: str = typer.Option("", help="Only the keys of this project."), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Every key, without its secret: whose it is, what it may do, when it was used."""
    found = _here.home().api_keys.list(login=user, project=project)
    output.table([_row(key) for key in found], as_json=as_json, empty="No key yet.")


@app.command()
def create(
    label: str = typer.Option("", help="What it is for."),
    project: str = typer.Option("", help="A key of this project, with rights of its own."),
    right: list[str] = typer.Option(None, "--right", help="What it may do in the project; several times."),
    permission: list[str] = typer.Option(None, "--permission", help="A global key: what it may do on the node."),
    every_project: bool = typer.Option(False, "--every-project", help="A global key: its rights hold everywhere."),
    days: int = typer.Option(0, min=0, help="Days it is good for; 0 = until it is revoked."),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """A new key: a personal one, which acts as you; one of a project; or a global one."""
    keys = _here.home().api_keys
    if permission or every_project:
        rights = {"*": right or []} if every_project else {}
        made = keys.create_global(permissions=permission or [], projects=rights, label=label, days=days)
    elif project:
        made = keys.create_for_project(project, right or [], label=label, days=days)
    else:
        made = keys.create(label, days=days)
    if as_json:
        output.print_json({"secret": made.secret, **_row(made.key)})
        return
    typer.echo(made.secret)
    output.warn(["This is shown once. Programs send it as `Authorization: Bearer …`."])


@app.command()
def revoke(id: str) -> None:
    """A key is refused from now on. Its id, or its beginning `pk_…`."""
    key = _here.home().api_keys.revoke(id)
    typer.echo(f"{key.prefix} is good no more.")


def _row(key: ApiKey) -> dict[str, Any]:
    rights = [*key.permissions, *(f"{p}: {', '.join(held)}" for p, held in key.projects.items())]
    return {
        "key": key.prefix, "sort": str(key.sort), "of": key.login or key.project or "the node", "label": key.label,
        "may": rights or ["what its user may"], "created": key.created_at, "expires": key.expires_at,
        "used": key.used_at,
    }  # fmt: skip
